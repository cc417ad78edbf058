"""Multinomial naive Bayes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from pipeline.lazy import np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.naive_bayes import NaiveBayesModel
from pipeline.serialisation.containers import Array, Record


class ScikitModelMultinomialNaiveBayes(NaiveBayesModel):
    """A naive Bayes classifier over counts or weights of terms (Manning, Raghavan and Schütze 2008, chapter 13).

    It takes each number of a row for a count, so none may be negative. Training takes one pass.
    """

    name: ClassVar[str] = "scikit_model_multinomial_naive_bayes"
    short_name: ClassVar[str] = "multinomial-naive-bayes"

    class Options(CalibratedOptions):
        alpha: float = Field(
            default=1.0,
            gt=0,
            le=1e9,
            description="Added to every count in every class (1 is Laplace's smoothing); higher is smoother.",
        )
        fit_prior: bool = Field(
            default=True,
            description="Whether frequent classes are more likely a priori; if not, all classes are equally likely.",
        )

    learnt: ClassVar[Record] = Record(
        {
            "class_log_prior": Array("float64", ("classes",)),
            "feature_log_prob": Array("float64", ("classes", "width")),
        }
    )

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from sklearn.naive_bayes import MultinomialNB

        return MultinomialNB(**self.estimator_options())

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        return {
            "class_log_prior": estimator.class_log_prior_.copy(),
            "feature_log_prob": estimator.feature_log_prob_.copy(),
        }

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        estimator.class_log_prior_ = np.array(learnt["class_log_prior"])
        estimator.feature_log_prob_ = np.array(learnt["feature_log_prob"], order="C")

    def read_constants(self, estimator: Any) -> Any:
        return estimator.class_log_prior_
