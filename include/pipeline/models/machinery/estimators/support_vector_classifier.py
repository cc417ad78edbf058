"""scikit-learn's SVC, which answers by matrix products and is trained by oneDAL where that is faster."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.svm import SVC

from pipeline.models.machinery.acceleration import is_accelerated, limit_onedal
from pipeline.models.machinery.estimators.kernels import Kernel, SupportVectors

T = TypeVar("T", bound=np.generic)
_MOST_ROUNDS = 10_000
"""After how many rounds oneDAL stops if it is given no limit."""
_FEWEST_DENSE = 500_000
_FEWEST_SPARSE = 40_000
"""How many numbers the rows of a pair of classes must have before oneDAL is faster; see `benchmarks/estimators.py`."""


class SupportVectorClassifier(SVC):  # type: ignore[misc]
    """An SVC that is trained by oneDAL or libsvm, as `trained_by_onedal_` says; it has no probabilities of its own.

    Both libraries stop by the same conditions, so their answers differ by no more than the tolerance allows. Rows are
    float64: with float32 oneDAL is faster still, but cannot reach a small tolerance, and large numbers overflow.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "SupportVectorClassifier":  # noqa: N803
        """Train on rows, dense or sparse, in float64.

        Raises:
            ValueError: the rows contain numbers that are not finite, or that become so.
        """
        rows = X.astype(np.float64, copy=False)
        self.trained_by_onedal_ = bool(
            sample_weight is None and self._suits_onedal(rows, y) and is_accelerated() and self._fit_by_onedal(rows, y)
        )
        if not self.trained_by_onedal_:
            super().fit(rows, y, sample_weight)
            self.hold(self._gamma, self.support_vectors_, self._n_support, self._dual_coef_, self._intercept_)
        return self

    def _suits_onedal(self, rows: Any, targets: Any) -> bool:
        """Return whether oneDAL is faster and certain to find what libsvm finds.

        With a kernel that is not positive, several solutions can be optimal. A round of oneDAL is many steps of libsvm,
        so it cannot stop after a given number of steps.
        """
        is_positive = self.kernel in ("linear", "rbf") or (self.kernel == "poly" and self.coef0 >= 0)
        return is_positive and self.max_iter == -1 and is_large(rows, targets)

    def _fit_by_onedal(self, rows: Any, targets: Any) -> bool:
        """Train by oneDAL and take over what it learnt; return False if it did not finish."""
        import sklearnex.svm

        with limit_onedal():
            found = sklearnex.svm.SVC(**self.get_params()).fit(rows, targets)
        # oneDAL falls back to scikit-learn for what it cannot do; that counts as not finished
        ended = hasattr(found, "_onedal_estimator") and np.all(np.asarray(found.n_iter_) < _MOST_ROUNDS)
        coef = found._dual_coef_  # private, as other attributes here: they have the signs of libsvm
        numbers = coef.data if issparse(coef) else coef
        if not ended or not np.isfinite(numbers).all() or not np.isfinite(found.intercept_).all():
            return False
        if not found.support_.size:
            return False
        self.classes_, self.n_features_in_, self.n_iter_ = found.classes_, found.n_features_in_, found.n_iter_
        vectors = rows[found.support_]
        self.hold(found._gamma, vectors, found._n_support, coef, found._intercept_)  # noqa: SLF001
        return True

    def hold(self, gamma: float, vectors: Any, counts: Any, coef: Any, intercept: Any) -> None:
        """Answer with these support vectors from now on; see `SupportVectors` for the shapes."""
        self.held_ = SupportVectors(
            Kernel(self.kernel, float(gamma), self.degree, float(self.coef0)), vectors, counts, coef, intercept
        )

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return a score for each class, shape (n, classes), or for two classes the second's, shape (n,)."""
        rows = self._check(X)
        scores = np.empty((rows.shape[0], len(self.classes_)))
        for batch, decisions in self.held_.decide(rows):
            scores[batch] = -decisions if len(self.classes_) == 2 else score_votes(decisions, len(self.classes_))
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the class that beats the most others, and of several the first; in a tied pair the second wins."""
        rows = self._check(X)
        numbers = np.empty(rows.shape[0], dtype=np.intp)
        for batch, decisions in self.held_.decide(rows):
            numbers[batch] = count_votes(~(decisions > 0), len(self.classes_)).argmax(axis=1)
        found: NDArray[Any] = self.classes_[numbers]
        return found

    def _check(self, rows: Any) -> Any:
        return rows if issparse(rows) else np.ascontiguousarray(rows)


def is_large(rows: Any, targets: Any) -> bool:
    """Return whether there are enough rows for oneDAL, whose rounds have a high fixed cost, to be faster."""
    numbers = rows.nnz if issparse(rows) else rows.size
    fewest = _FEWEST_SPARSE if issparse(rows) else _FEWEST_DENSE
    return bool(numbers * 2 / len(np.unique(targets)) >= fewest)


def count_votes(lost: NDArray[np.bool_], classes: int) -> NDArray[np.float64]:
    """Return how many others each class beats, from whether the first class of each pair lost to the second."""
    votes = np.zeros((len(lost), classes))
    for first, pairs in _list_pairs(lost, classes):
        votes[:, first] += (~pairs).sum(axis=1)
        votes[:, first + 1 :] += pairs
    return votes


def score_votes(decisions: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return how many others each class beats, and how clearly, as SVC does, which takes minutes for a thousand."""
    sums = np.zeros((len(decisions), classes))
    for first, pairs in _list_pairs(decisions, classes):
        # one after the other, because sums in another order round differently
        sums[:, first] = np.add.accumulate(np.column_stack([sums[:, first], pairs]), axis=1)[:, -1]
        sums[:, first + 1 :] -= pairs
    shares: NDArray[np.float64] = count_votes(decisions < 0, classes) + sums / (3 * (np.abs(sums) + 1))
    return shares


def _list_pairs(values: NDArray[T], classes: int) -> Iterator[tuple[int, NDArray[T]]]:
    """Yield each class with the columns of its pairs with every later class."""
    start = 0
    for first in range(classes - 1):
        pairs = values[:, start : start + classes - 1 - first]
        start += pairs.shape[1]
        yield first, pairs
