"""Complement naive Bayes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.naive_bayes import NaiveBayesModel
from pipeline.serialisation.containers import Array, Record


class ScikitModelComplementNaiveBayes(NaiveBayesModel):
    """A naive Bayes classifier that weighs terms by the other classes' examples (Rennie et al. 2003).

    It suits classes of unequal sizes. It takes each number of a row for a count, so none may be negative. Training
    takes one pass.
    """

    name: ClassVar[str] = "scikit_model_complement_naive_bayes"
    short_name: ClassVar[str] = "complement-naive-bayes"

    class Options(CalibratedOptions):
        alpha: float = Field(
            default=1.0,
            ge=1e-10,
            le=1e9,
            description="Added to every count in every class (1 is Laplace's smoothing); higher is smoother.",
        )
        norm: bool = Field(
            default=False, description="Whether each class's weights are scaled to add up to 1, as for long texts."
        )

    learnt: ClassVar[Record] = Record({"feature_log_prob": Array("float64", ("classes", "width"))})

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from sklearn.naive_bayes import ComplementNB

        return ComplementNB(**self.estimator_options())

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        super().fit_estimator(features, targets, seed)
        # if a count is so large that adding alpha changes nothing, 0 remains, and a document cannot hold its logarithm
        if not np.isfinite(self._estimator.feature_log_prob_).all():
            raise ValueError("alpha is too small compared with their sums, or a row has one number only")

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        return {"feature_log_prob": estimator.feature_log_prob_.copy()}

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        estimator.feature_log_prob_ = np.array(learnt["feature_log_prob"], order="C")
