"""Computes the decisions of a support vector classifier by matrix products, a batch of rows at a time.

The same code answers for each library that can train the classifier, before a document is written and after it is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.extmath import safe_sparse_dot

_BATCH_BYTES = 64 * 2**20
_MOST_FACTORS = 8
"""Up to this degree, a power is computed by multiplication, in a fraction of the time that `np.power` takes."""
_NOISE = 2.0**-40
"""The share of a sum's largest summand below which the sum is rounding error, differs by processor, and counts as 0."""


@dataclass(frozen=True)
class Kernel:
    """A kernel of libsvm's (Chang and Lin 2011): `linear`, `poly`, `rbf` or `sigmoid`."""

    name: str
    gamma: float
    degree: int
    coef0: float

    def apply(self, products: NDArray[np.float64], squares: NDArray[np.float64], own: NDArray[np.float64]) -> None:
        """Turn the products of rows and vectors into the kernel's values, in place.

        Args:
            products: of rows and vectors, shape (n, vectors); it is changed.
            squares: of the vectors, shape (vectors,).
            own: squares of the rows, shape (n,).
        """
        if self.name == "linear":
            return
        if self.name == "rbf":  # exp(-gamma |x - v|²)
            products *= -2
            products += squares
            products += own[:, None]
            np.maximum(products, 0, out=products)
            products *= -self.gamma
            np.exp(products, out=products)
            return
        products *= self.gamma
        products += self.coef0
        if self.name == "sigmoid":
            np.tanh(products, out=products)
        elif self.degree > _MOST_FACTORS:
            np.power(products, self.degree, out=products)
        else:
            factor = products.copy()
            for _ in range(self.degree - 1):
                products *= factor


class SupportVectors:
    """Support vectors in the order of their classes, with their coefficients against every other class.

    Args:
        vectors: shape (vectors, width), dense or sparse by rows.
        counts: of the vectors of each class.
        coef: shape (classes - 1, vectors), as libsvm lays it out.
        intercept: one for each pair of classes.
    """

    def __init__(self, kernel: Kernel, vectors: Any, counts: Any, coef: Any, intercept: Any) -> None:
        # one memory layout before and after a document is written, because a sum in another order rounds differently
        self.kernel = kernel
        self.vectors: Any = vectors if issparse(vectors) else np.ascontiguousarray(vectors, dtype=np.float64)
        self.counts = np.array(counts, dtype=np.int32)
        self.coef = np.array(coef.toarray() if issparse(coef) else coef, dtype=np.float64, order="C")
        self.intercept = np.array(intercept, dtype=np.float64)
        columns: Any = self.vectors.T
        self._columns = columns.tocsr() if issparse(columns) else columns
        self._squares = _square(self.vectors)
        ends = np.cumsum(self.counts, dtype=np.int64)
        self._blocks = [slice(end - count, end) for count, end in zip(self.counts, ends, strict=True)]
        self._coef = [np.ascontiguousarray(self.coef[:, block].T) for block in self._blocks]
        self._most = np.array([np.abs(each).sum(axis=0) for each in self._coef])
        self._first, self._second = np.triu_indices(len(self._blocks), 1)

    def decide(self, rows: Any) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Yield batches of rows with a number for each pair of classes, in order; above 0 it speaks for the first."""
        classes, vectors = len(self._blocks), len(self._squares)
        size = max(1, _BATCH_BYTES // (40 * vectors + 32 * classes * classes))
        for start in range(0, rows.shape[0], size):
            batch = slice(start, min(rows.shape[0], start + size))
            yield batch, self._decide(rows if size >= rows.shape[0] else rows[batch])

    def _decide(self, rows: Any) -> NDArray[np.float64]:
        alike: NDArray[np.float64] = np.asarray(safe_sparse_dot(rows, self._columns, dense_output=True))
        self.kernel.apply(alike, self._squares, _square(rows))
        first, second = self._first, self._second
        sums = np.empty((len(alike), len(self._blocks), len(self._blocks) - 1))
        for number, (block, coef) in enumerate(zip(self._blocks, self._coef, strict=True)):
            np.matmul(alike[:, block], coef, out=sums[:, number])
        decisions: NDArray[np.float64] = sums[:, first, second - 1] + sums[:, second, first]
        decisions += self.intercept
        largest = np.maximum(alike.max(axis=1), -alike.min(axis=1))
        noise = _NOISE * (self._most[first, second - 1] + self._most[second, first])
        decisions[np.abs(decisions) <= largest[:, None] * noise] = 0
        return decisions


def _square(rows: Any) -> NDArray[np.float64]:
    """Return the squared length of each row."""
    if issparse(rows):
        sums, filled = np.zeros(rows.shape[0]), np.flatnonzero(np.diff(rows.indptr))
        sums[filled] = np.add.reduceat(rows.data * rows.data, rows.indptr[filled])
        return sums
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", rows, rows)
    return squares
