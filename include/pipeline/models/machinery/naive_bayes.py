"""Naive Bayes models over counts, whose logarithms of probabilities are weighted sums of a row's numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from pipeline.components.features import Features
from pipeline.lazy import NDArray
from pipeline.models.machinery.scored import ScoreModel, Weights
from pipeline.models.machinery.shares import rate_shares, share_logarithms


class NaiveBayesModel(ScoreModel):
    """A model over a scikit-learn estimator with `feature_log_prob_`; two classes have two scores, as any others."""

    takes_negative: ClassVar[bool] = False

    def settle(self, estimator: Any) -> None:
        self._weights = Weights(estimator.feature_log_prob_, self.read_constants(estimator), self.precision)

    def read_constants(self, estimator: Any) -> Any:  # noqa: ARG002 - for subclasses
        """Return what is added to each class's score, shape (classes,), or 0."""
        return 0.0

    def score(self, features: Features) -> NDArray[Any]:
        return self._weights.score(features)

    def share(self, scores: NDArray[Any]) -> NDArray[Any]:
        return share_logarithms(scores)

    def rate(self, scores: NDArray[Any]) -> NDArray[Any]:
        return rate_shares(self.share(scores))
