"""Nearest neighbours that are the same on every machine."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import cdist
from sklearn import config_context
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.utils.validation import validate_data

_BLOCK_BYTES = 64 * 2**20
_CDIST = {"euclidean": "euclidean", "manhattan": "cityblock"}


class ReproducibleNeighbours(KNeighborsClassifier):  # type: ignore[misc]
    """scikit-learn's k nearest neighbours, found by brute force; of equally near rows, the earlier come first.

    scikit-learn's own search breaks ties by a partition that differs between CPUs, and measures dense rows by a matrix
    product whose rounding depends on the number of rows and of threads.
    """

    def kneighbors(self, X: Any, n_neighbors: int | None = None, return_distance: bool = True) -> Any:  # noqa: N803
        """Return the distances, if asked for, and the numbers of the nearest training rows, nearest first.

        Raises:
            ValueError: there are fewer training rows than neighbours.
        """
        queries = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False, order="C")
        count, rows = n_neighbors or self.n_neighbors, self._fit_X.shape[0]
        if count > rows:
            raise ValueError(f"n_neighbors is {count}, and there are {rows} rows to find them among")
        found = list(self._find_nearest(queries, count, max(1, _BLOCK_BYTES // (8 * rows))))
        numbers = np.array([nearest for nearest, _ in found])
        return (np.array([distances for _, distances in found]), numbers) if return_distance else numbers

    def _find_nearest(self, queries: Any, count: int, step: int) -> Iterator[tuple[NDArray[np.intp], NDArray[Any]]]:
        for start in range(0, queries.shape[0], step):
            block = self._measure(queries[start : start + step])
            furthest = np.partition(block, count - 1, axis=1)[:, count - 1]
            for distances, bound in zip(block, furthest, strict=True):
                near = np.flatnonzero(distances <= bound)
                nearest = near[np.argsort(distances[near], kind="stable")[:count]]
                yield nearest, distances[nearest]

    def _measure(self, queries: Any) -> NDArray[np.float64]:
        """Return the distances from queries to training rows; none depends on the other rows."""
        rows: Any = self._fit_X
        if issparse(rows) or issparse(queries):
            distances = pairwise_distances(queries, rows, metric=self.metric)
        elif self.metric == "cosine":
            # between rows of length 1 it is half the squared distance; a row of zeros is at distance 1 from all
            distances = cdist(normalize(queries), normalize(rows), "sqeuclidean") / 2
            distances[~queries.any(axis=1)] = 1
            distances[:, ~rows.any(axis=1)] = 1
        else:
            distances = cdist(queries, rows, _CDIST[self.metric])
        return np.asarray(distances)

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        """Return each class's share of the votes, shape (n, classes)."""
        # Its shortcut for manhattan would not call kneighbors.
        with config_context(enable_cython_pairwise_dist=False):
            return super().predict_proba(X)

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Return the class with the most votes, and of several the first."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
