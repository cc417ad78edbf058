"""Support vector machine."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from pipeline.components.features import is_sparse
from pipeline.components.options import ActiveWhen
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.acceleration import DISTRIBUTION
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.scikit import ScikitModel
from pipeline.serialisation.containers import Array, Derived, Record
from pipeline.serialisation.schema import Number, refuse
from pipeline.serialisation.sparse import Rows, pack_rows, unpack_rows

_PAIRS = Derived("pairs of classes", lambda sizes: sizes["classes"] * (sizes["classes"] - 1) // 2)
_OTHERS = Derived("classes - 1", lambda sizes: sizes["classes"] - 1)


class ScikitModelSvm(ScikitModel):
    """A support vector classifier, one against one: scikit-learn's SVC over libsvm (Chang and Lin 2011), or oneDAL's.

    Training time grows with the square of the number of examples or faster. oneDAL trains large sets on x86-64, unless
    `PIPELINE_ONEDAL` is `off`, the kernel is sigmoid, coef0 is below 0, or max_iter is set.
    """

    name: ClassVar[str] = "scikit_model_svm"
    short_name: ClassVar[str] = "svm"
    libraries: ClassVar[tuple[str, ...]] = (*ScikitModel.libraries, DISTRIBUTION)

    class Options(CalibratedOptions):
        kernel: Literal["linear", "poly", "rbf", "sigmoid"] = Field(
            default="rbf", description="How the similarity of two examples is computed."
        )
        degree: Annotated[int, ActiveWhen("kernel", ("poly",))] = Field(
            default=3, ge=1, le=100, description="Degree of the poly kernel; the other kernels ignore it."
        )
        tolerance: float = Field(
            default=1e-3,
            ge=1e-10,
            le=1.0,
            description="Training stops once no optimality condition is violated by more.",
        )
        C: float = Field(
            default=1.0, gt=0, le=1e9, description="How much an error in training costs; lower is smoother."
        )
        gamma: Annotated[
            Literal["scale", "auto"] | Annotated[float, Field(gt=0, le=1e9)],
            ActiveWhen("kernel", ("rbf", "poly", "sigmoid")),
        ] = Field(
            default="scale",
            description="How close examples must be to count as similar, in the rbf, poly and sigmoid kernels; "
            "scale is 1 / (width × variance), auto is 1 / width.",
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: errors in rare classes cost more, by their share; null: all cost the same.",
        )
        coef0: Annotated[float, ActiveWhen("kernel", ("poly", "sigmoid"))] = Field(
            default=0.0, ge=-1e9, le=1e9, description="Constant term of the poly and sigmoid kernels."
        )
        shrinking: bool = Field(
            default=True, description="Whether training leaves out examples that seem decided, which is usually faster."
        )
        max_iter: Literal[-1] | Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(
            default=-1, description="Training stops after this many steps; -1: no limit."
        )

    learnt: ClassVar[Record] = Record(
        {
            "kernel_gamma": Number(minimum=0),
            "support_vectors": Rows("support_vectors", "width"),
            "support_counts": Array("int32", ("classes",), minimum=0),
            "dual_coef": Array("float64", (_OTHERS, "support_vectors")),
            "intercept": Array("float64", (_PAIRS,)),
        }
    )

    def make_estimator(self, seed: int) -> Any:
        from pipeline.models.machinery.estimators.support_vector_classifier import SupportVectorClassifier

        options = self.estimator_options()
        return SupportVectorClassifier(tol=options.pop("tolerance"), random_state=seed, **options)

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        super().fit_estimator(features, targets, seed)
        self.name_libraries(self._estimator.trained_by_onedal_)

    def name_libraries(self, by_onedal: bool) -> None:
        """Set `libraries`, with oneDAL only if it trained this model; otherwise it has no part in the answers."""
        plain = ScikitModel.libraries
        vars(self)["libraries"] = (*plain, DISTRIBUTION) if by_onedal else plain

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        held = estimator.held_
        return {
            "kernel_gamma": held.kernel.gamma,
            # nothing is lost, because these are rows of the features, which are float32
            "support_vectors": pack_rows(held.vectors),
            "support_counts": held.counts.copy(),
            "dual_coef": held.coef.copy(),
            "intercept": held.intercept.copy(),
        }

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        vectors = unpack_rows(learnt["support_vectors"], learnt["width"], np.float64)
        count, counts = vectors.shape[0], learnt["support_counts"]
        if not count or counts.sum(dtype=np.int64) != count:
            refuse("model.learnt.support_counts", "counts of another sum", f"a sum of {count}, and at least 1")
        estimator.hold(learnt["kernel_gamma"], vectors, counts, learnt["dual_coef"], learnt["intercept"])
        # a model that was fitted on dense rows, such as one from an older document, takes dense rows only
        vars(self)["takes_sparse"] = is_sparse(vectors)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        model = super().from_dict(document)
        model.name_libraries(DISTRIBUTION in document["libraries"])
        return model
