"""Multinomial naive Bayes."""

from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from pipeline.models.scikit import CLASSES, ScikitModel
from pipeline.options import OptionSchema
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse


class ScikitModelMultinomialNaiveBayes(ScikitModel):
    """A naive Bayes classifier over counts or weights of terms (Manning, Raghavan and Schütze 2008, chapter 13).

    It reads each number of a row as how often something occurs, so none may be negative. Training takes one pass.
    """

    name: ClassVar[str] = "scikit_model_multinomial_naive_bayes"
    short_name: ClassVar[str] = "multinomial-naive-bayes"
    takes_negative: ClassVar[bool] = False

    class Options(OptionSchema):
        alpha: float = Field(
            default=1.0,
            gt=0,
            le=1e9,
            description="Added to every count in every class (1 is Laplace's smoothing); higher is smoother.",
        )
        fit_prior: bool = Field(
            default=True, description="Whether frequent classes are likelier from the start; if not, all are as likely."
        )

    learnt: ClassVar[Record] = Record(
        {
            "classes": CLASSES,
            "class_log_prior": Array("float64", ("classes",)),
            "feature_log_prob": Array("float64", ("classes", "width")),
        }
    )

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from sklearn.naive_bayes import MultinomialNB

        return MultinomialNB(**self.options.model_dump())

    def get_learnt(self) -> dict[str, Any]:
        return {
            "classes": self.classes,
            "class_log_prior": self._estimator.class_log_prior_.copy(),
            "feature_log_prob": self._estimator.feature_log_prob_.copy(),
        }

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        log_prob = np.array(learnt["feature_log_prob"], dtype=np.float64, order="C")
        if log_prob.shape[1] == 0:
            refuse("model.feature_log_prob", "rows without numbers", "at least one number a row")
        self.restore(
            learnt["classes"],
            log_prob.shape[1],
            class_log_prior_=np.array(learnt["class_log_prior"], dtype=np.float64),
            feature_log_prob_=log_prob,
        )
