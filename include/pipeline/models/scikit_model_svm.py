"""Support vector machine."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from pipeline.models.scikit import CLASSES, ScikitModel
from pipeline.options import ActiveWhen, OptionSchema
from pipeline.serialisation.containers import Array, Derived, Record
from pipeline.serialisation.schema import Number, refuse

_PAIRS = Derived("pairs of classes", lambda sizes: sizes["classes"] * (sizes["classes"] - 1) // 2)
_OTHERS = Derived("classes - 1", lambda sizes: sizes["classes"] - 1)


class ScikitModelSvm(ScikitModel):
    """A support vector classifier, one against one: scikit-learn's SVC over libsvm (Chang and Lin 2011).

    Training time grows with the square of the number of examples or faster.
    """

    name: ClassVar[str] = "scikit_model_svm"
    short_name: ClassVar[str] = "svm"

    class Options(OptionSchema):
        kernel: Literal["linear", "poly", "rbf", "sigmoid"] = Field(
            default="rbf", description="How alike two examples are."
        )
        degree: Annotated[int, ActiveWhen("kernel", ("poly",))] = Field(
            default=3, ge=1, le=100, description="Degree of the poly kernel; the other kernels ignore it."
        )
        tolerance: float = Field(
            default=1e-3, ge=1e-10, le=1.0, description="Training stops once no condition is broken by more."
        )
        C: float = Field(
            default=1.0, gt=0, le=1e9, description="How much an error in training costs; lower is smoother."
        )
        gamma: Annotated[
            Literal["scale", "auto"] | Annotated[float, Field(gt=0, le=1e9)],
            ActiveWhen("kernel", ("rbf", "poly", "sigmoid")),
        ] = Field(
            default="scale",
            description="How near examples must be to count as alike, in the rbf, poly and sigmoid kernels; "
            "scale is 1 / (width × variance), auto is 1 / width.",
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None, description="balanced: errors in a rare class cost more, by its share; null: all the same."
        )
        coef0: Annotated[float, ActiveWhen("kernel", ("poly", "sigmoid"))] = Field(
            default=0.0, ge=-1e9, le=1e9, description="Constant term of the poly and sigmoid kernels."
        )
        shrinking: bool = Field(default=True, description="Whether training sets aside examples that look decided.")
        max_iter: Literal[-1] | Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(
            default=-1, description="Training stops after so many steps; -1 is no limit."
        )

    learnt: ClassVar[Record] = Record(
        {
            "classes": CLASSES,
            "kernel_gamma": Number(minimum=0),
            "support_vectors": Array("float32", ("support_vectors", "width")),
            "support_counts": Array("int32", ("classes",), minimum=0),
            "dual_coef": Array("float64", (_OTHERS, "support_vectors")),
            "intercept": Array("float64", (_PAIRS,)),
        }
    )

    def make_estimator(self, seed: int) -> Any:
        from sklearn.svm import SVC

        options = self.options.model_dump()
        return SVC(tol=options.pop("tolerance"), random_state=seed, **options)

    def get_learnt(self) -> dict[str, Any]:
        estimator = self._estimator
        return {
            "classes": self.classes,
            "kernel_gamma": float(estimator._gamma),  # noqa: SLF001 - what "scale" came to is public nowhere
            # They are rows of the features, which are float32: nothing is lost.
            "support_vectors": estimator.support_vectors_.astype(np.float32),
            "support_counts": estimator.n_support_.astype(np.int32),
            "dual_coef": estimator._dual_coef_.copy(),
            "intercept": estimator._intercept_.copy(),
        }

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        vectors = np.array(learnt["support_vectors"], dtype=np.float64, order="C")
        counts = np.array(learnt["support_counts"], dtype=np.int32)
        # libsvm walks the rows by these counts and does not look where they end.
        if not len(vectors) or counts.sum(dtype=np.int64) != len(vectors):
            refuse("model.support_counts", "counts of another sum", f"a sum of {len(vectors)}, and at least 1")
        if vectors.shape[1] == 0:
            refuse("model.support_vectors", "rows without numbers", "at least one number a row")
        self.restore(
            learnt["classes"],
            vectors.shape[1],
            support_=np.arange(len(vectors), dtype=np.int32),
            support_vectors_=vectors,
            _n_support=counts,
            _dual_coef_=np.array(learnt["dual_coef"], dtype=np.float64, order="C"),
            _intercept_=np.array(learnt["intercept"], dtype=np.float64),
            _probA=np.empty(0),
            _probB=np.empty(0),
            _gamma=float(learnt["kernel_gamma"]),
            _sparse=False,
            shape_fit_=vectors.shape,
            fit_status_=0,
        )
