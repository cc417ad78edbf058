"""Support vector machine."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.features import is_sparse
from pipeline.models.calibration import CalibratedOptions
from pipeline.models.scikit import ScikitModel
from pipeline.options import ActiveWhen
from pipeline.serialisation.containers import Array, Derived, Record
from pipeline.serialisation.schema import Number, refuse
from pipeline.serialisation.sparse import Rows, pack_rows, unpack_rows

_PAIRS = Derived("pairs of classes", lambda sizes: sizes["classes"] * (sizes["classes"] - 1) // 2)
_VOTE_BYTES = 64 * 2**20
_OTHERS = Derived("classes - 1", lambda sizes: sizes["classes"] - 1)


class ScikitModelSvm(ScikitModel):
    """A support vector classifier, one against one: scikit-learn's SVC over libsvm (Chang and Lin 2011).

    Training time grows with the square of the number of examples or faster.
    """

    name: ClassVar[str] = "scikit_model_svm"
    short_name: ClassVar[str] = "svm"

    class Options(CalibratedOptions):
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
            "kernel_gamma": Number(minimum=0),
            "support_vectors": Rows("support_vectors", "width"),
            "support_counts": Array("int32", ("classes",), minimum=0),
            "dual_coef": Array("float64", (_OTHERS, "support_vectors")),
            "intercept": Array("float64", (_PAIRS,)),
        }
    )

    def make_estimator(self, seed: int) -> Any:
        from sklearn.svm import SVC

        options = self.estimator_options()
        return SVC(tol=options.pop("tolerance"), random_state=seed, **options)

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        dual_coef = estimator._dual_coef_
        return {
            "kernel_gamma": float(estimator._gamma),  # noqa: SLF001 - what "scale" came to is public nowhere
            # They are rows of the features, which are float32: nothing is lost.
            "support_vectors": pack_rows(estimator.support_vectors_),
            "support_counts": estimator.n_support_.astype(np.int32),
            "dual_coef": dual_coef.toarray() if is_sparse(dual_coef) else dual_coef.copy(),
            "intercept": estimator._intercept_.copy(),
        }

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        vectors = unpack_rows(learnt["support_vectors"], learnt["width"], np.float64)
        count = vectors.shape[0]
        counts = np.array(learnt["support_counts"], dtype=np.int32)
        # libsvm walks the rows by these counts and does not look where they end.
        if not count or counts.sum(dtype=np.int64) != count:
            refuse("model.learnt.support_counts", "counts of another sum", f"a sum of {count}, and at least 1")
        dual_coef = np.array(learnt["dual_coef"], dtype=np.float64, order="C")
        attributes = {
            "support_": np.arange(count, dtype=np.int32),
            "support_vectors_": vectors,
            "_n_support": counts,
            "_dual_coef_": _hold_all(dual_coef) if is_sparse(vectors) else dual_coef,
            "_intercept_": np.array(learnt["intercept"], dtype=np.float64),
            "_probA": np.empty(0),
            "_probB": np.empty(0),
            "_gamma": float(learnt["kernel_gamma"]),
            "_sparse": is_sparse(vectors),
            "_effective_probability": False,
            "shape_fit_": vectors.shape,
            "fit_status_": 0,
        }
        for name, value in attributes.items():
            setattr(estimator, name, value)
        # A model that was fitted on dense rows, such as one of an older document, takes no others.
        vars(self)["takes_sparse"] = is_sparse(vectors)

    def _score(self, prepared: Any) -> NDArray[np.float64]:
        # scikit-learn adds up the votes pair by pair, which takes minutes for a thousand classes.
        classes = len(self._estimator.classes_)
        if classes == 2:
            return super()._score(prepared)
        rows = max(1, _VOTE_BYTES // (4 * classes * (classes - 1)))
        batches = [prepared[start : start + rows] for start in range(0, prepared.shape[0], rows)]
        return np.vstack([_vote(self._estimator._decision_function(batch), classes) for batch in batches])  # noqa: SLF001


def _vote(decisions: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return how many other classes each one beats, and how clearly, from one number for each pair; as SVC does."""
    votes, sums = np.zeros((2, len(decisions), classes))
    start = 0
    for first in range(classes - 1):
        pairs = decisions[:, start : start + classes - 1 - first]
        start += pairs.shape[1]
        lost = pairs < 0
        votes[:, first] += (~lost).sum(axis=1)
        votes[:, first + 1 :] += lost
        # one after the other, for sums in another order are other sums
        sums[:, first] = np.add.accumulate(np.column_stack([sums[:, first], pairs]), axis=1)[:, -1]
        sums[:, first + 1 :] -= pairs
    shares: NDArray[np.float64] = votes + sums / (3 * (np.abs(sums) + 1))
    return shares


def _hold_all(coef: NDArray[np.float64]) -> Any:
    """Return rows as sparse ones that hold every number, zeros too, which libsvm reads by their place alone."""
    from scipy.sparse import csr_array

    rows, columns = coef.shape
    indices = np.tile(np.arange(columns, dtype=np.int32), rows)
    indptr = np.arange(rows + 1, dtype=np.int32) * columns
    return csr_array((coef.ravel(), indices, indptr), shape=coef.shape)
