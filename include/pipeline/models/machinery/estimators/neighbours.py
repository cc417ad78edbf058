"""Nearest neighbours that are the same on every machine."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

_BLOCK_BYTES = 64 * 2**20
_CDIST = {"euclidean": "euclidean", "manhattan": "cityblock"}


class ReproducibleNeighbours(KNeighborsClassifier):  # type: ignore[misc]
    """scikit-learn's k nearest neighbours, found by brute force; of equally near rows, the earlier come first.

    scikit-learn's own search breaks ties by a partition that differs between CPUs, and measures dense rows by a matrix
    product whose rounding depends on the number of rows and of threads.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Hold the training rows."""
        self.__dict__.pop("_directions", None)
        return super().fit(X, y)  # type: ignore[no-any-return]

    @cached_property
    def _directions(self) -> Any:
        """The training rows, each scaled to length 1; sparse ones by columns, in which they are multiplied."""
        directions = normalize(self._fit_X)
        return directions.T.tocsr() if issparse(directions) else directions

    def kneighbors(self, X: Any, n_neighbors: int | None = None, return_distance: bool = True) -> Any:  # noqa: N803
        """Return the distances, if asked for, and the numbers of the nearest training rows, nearest first.

        Raises:
            ValueError: there are fewer training rows than neighbours.
        """
        queries = X.astype(np.float64, copy=False)
        count, rows = n_neighbors or self.n_neighbors, self._fit_X.shape[0]
        if count > rows:
            raise ValueError(f"n_neighbors is {count}, and there are {rows} rows to find them among")
        found = list(self._find_nearest(queries, count, max(1, _BLOCK_BYTES // (8 * rows))))
        numbers = np.array([nearest for nearest, _ in found])
        return (np.array([distances for _, distances in found]), numbers) if return_distance else numbers

    def _find_nearest(self, queries: Any, count: int, step: int) -> Iterator[tuple[NDArray[np.intp], NDArray[Any]]]:
        for start in range(0, queries.shape[0], step):
            block = self._measure(queries if step >= queries.shape[0] else queries[start : start + step])
            furthest = np.partition(block, count - 1, axis=1)[:, count - 1]
            for distances, bound in zip(block, furthest, strict=True):
                near = np.flatnonzero(distances <= bound)
                nearest = near[np.argsort(distances[near], kind="stable")[:count]]
                yield nearest, distances[nearest]

    def _measure(self, queries: Any) -> NDArray[np.float64]:
        """Return the distances from queries to training rows; none depends on the other rows."""
        rows: Any = self._fit_X
        if self.metric == "cosine" and issparse(rows) and issparse(queries):
            directions = queries.copy()
            inplace_csr_row_normalize_l2(directions)
            distances = 1 - safe_sparse_dot(directions, self._directions, dense_output=True)
            np.clip(distances, 0, 2, out=distances)
        elif issparse(rows) or issparse(queries):
            distances = pairwise_distances(queries, rows, metric=self.metric)
        elif self.metric == "cosine":
            # between rows of length 1 it is half the squared distance; a row of zeros is at distance 1 from all
            distances = cdist(normalize(queries), self._directions, "sqeuclidean") / 2
            distances[~queries.any(axis=1)] = 1
            distances[:, ~rows.any(axis=1)] = 1
        else:
            distances = cdist(queries, rows, _CDIST[self.metric])
        return np.asarray(distances)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return each class's share of the votes, shape (n, classes), as scikit-learn counts them."""
        distances, numbers = self.kneighbors(X)
        votes = self._weigh(distances)
        rows, shares = np.arange(len(numbers)), np.zeros((len(numbers), len(self.classes_)))
        for place, targets in enumerate(self._y[numbers].T):
            shares[rows, targets] += votes[:, place]
        shares /= shares.sum(axis=1)[:, np.newaxis]
        return shares

    def _weigh(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each vote; if a training row is at distance 0, those farther away do not count."""
        if self.weights == "uniform":
            return np.ones_like(distances)
        with np.errstate(divide="ignore"):
            votes: NDArray[np.float64] = 1 / distances
        is_same = np.isinf(votes)
        some = is_same.any(axis=1)
        votes[some] = is_same[some]
        return votes

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Return the class with the most votes, and of several the first."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
