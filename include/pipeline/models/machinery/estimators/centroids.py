"""Nearest centroids that keep sparse rows sparse."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestCentroid
from sklearn.utils.sparsefuncs import csc_median_axis_0
from sklearn.utils.validation import validate_data


class SparseCentroids(NearestCentroid):  # type: ignore[misc]
    """scikit-learn's nearest centroids without a dense copy of sparse rows.

    Where no number varies within a class, scikit-learn's shrinking divides 0 by 0; here the centroids stay as they are.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Learn each class's centroid and share, and how much each number varies within classes.

        Raises:
            ValueError: all rows are the same.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)  # noqa: N806
        self.classes_, numbers, counts = np.unique(y, return_inverse=True, return_counts=True)
        classes, rows = len(counts), len(y)
        shares = counts / rows if self.priors == "empirical" else np.full(classes, 1 / classes)
        members = [X[numbers == number] for number in range(classes)]
        centroids = np.vstack([_find_centre(part, self.metric) for part in members])
        squares = sum(_add_squares(part, centre) for part, centre in zip(members, centroids, strict=True))
        spread = np.sqrt(squares / max(rows - classes, 1))
        if not spread.any() and not np.ptp(centroids, axis=0).any():
            raise ValueError("all rows are the same")
        if self.shrink_threshold:
            least = np.sqrt(1 / counts - 1 / rows)[:, None] * (spread + np.median(spread)) * self.shrink_threshold
            middle = np.asarray(X.mean(axis=0)).ravel()
            apart = centroids - middle
            centroids = middle + np.sign(apart) * np.maximum(np.abs(apart) - least, 0)
        self.centroids_, self.within_class_std_dev_, self.class_prior_ = centroids, spread, shares
        return self

    def _decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)  # noqa: N806
        spread = np.where(self.within_class_std_dev_ > 0, self.within_class_std_dev_, 1)
        if issparse(X):
            scaled = X.copy()
            scaled.data /= spread[scaled.indices]
        else:
            scaled = X / spread
        distances = pairwise_distances(scaled, self.centroids_ / spread, metric=self.metric)
        scores: NDArray[np.float64] = 2 * np.log(self.class_prior_) - distances**2
        return scores

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return each row's score for each class, or for two classes the second's minus the first's."""
        scores = self._decision_function(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores


def _find_centre(part: Any, metric: str) -> NDArray[np.float64]:
    if metric == "euclidean":
        return np.asarray(part.mean(axis=0)).ravel()
    centre: NDArray[np.float64] = csc_median_axis_0(part.tocsc()) if issparse(part) else np.median(part, axis=0)
    return centre


def _add_squares(part: Any, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each column the sum of squared distances from the centre."""
    if not issparse(part):
        return np.asarray(((part - centre) ** 2).sum(axis=0))
    apart = (part.data - centre[part.indices]) ** 2
    held = np.bincount(part.indices, minlength=len(centre))
    return np.asarray(np.bincount(part.indices, apart, len(centre)) + (part.shape[0] - held) * centre**2)
