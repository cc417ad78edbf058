"""The base classes of models that compute their answers themselves, without an estimator's checks of every row.

scikit-learn's estimators check what they are given in each call, which takes far longer than to classify one text. What
adapters give needs no check. The answers are those of the estimators, bit by bit.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any

from pipeline.components.features import Features, Precision, is_sparse
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.scikit import ScikitModel
from pipeline.models.machinery.shares import rate_shares


class ScoreModel(ScikitModel):
    """A model that computes scores: for two classes shape (n, 1), above 0 for the second; else shape (n, classes).

    The highest score decides, and of several the first. A subclass that provides probabilities overrides `share`.
    """

    @abstractmethod
    def score(self, features: Features) -> NDArray[Any]: ...

    def choose(self, scores: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1))

    def rate(self, scores: NDArray[Any]) -> NDArray[Any]:
        return scores


class ShareModel(ScikitModel):
    """A model that computes probabilities, shape (n, classes): the highest decides, and of several the first."""

    @abstractmethod
    def score(self, features: Features) -> NDArray[Any]: ...

    def choose(self, scores: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(scores.argmax(axis=1))

    def share(self, scores: NDArray[Any]) -> NDArray[Any]:
        return scores

    def rate(self, scores: NDArray[Any]) -> NDArray[Any]:
        return rate_shares(scores)


class Weights:
    """A weight for each number of a row and a constant, for each of some scores; immutable.

    Args:
        coef: shape (scores, width).
        constants: shape (scores,), or 0.
        precision: the type of the numbers that the estimator is given.
    """

    def __init__(self, coef: NDArray[Any], constants: Any, precision: Precision) -> None:
        self._coef, self._constants, self._precision = coef, constants, np.dtype(precision)

    @cached_property
    def _columns(self) -> NDArray[Any]:
        # scipy multiplies with this layout as it is, and would copy all weights of any other in every call
        return np.ascontiguousarray(self._coef.T, dtype=np.result_type(self._coef, self._precision))

    def score(self, features: Features) -> NDArray[Any]:
        """Return the sums of weighted numbers, shape (n, scores)."""
        if is_sparse(features):
            sums = features @ self._columns
        else:
            # not by columns: a sum in another order rounds differently
            sums = features.astype(self._precision, copy=False) @ self._coef.T
        return np.asarray(sums + self._constants)
