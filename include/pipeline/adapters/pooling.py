"""Combines the vectors of a text's words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from pipeline.components.features import make_csr
from pipeline.lazy import NDArray, np


def average(
    table: NDArray[np.float32], places: Sequence[Sequence[int]], weights: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Return for each list of places the mean of those rows of a table, or zeros for an empty list.

    Each mean is summed in the order of its own list, so it does not depend on the other lists.

    Args:
        table: shape (rows, width).
        places: numbers of rows, for each result.
        weights: the weight of each row of the table; None: all are equal.

    Returns:
        Shape (lists, width), float32.
    """
    numbers = np.fromiter(chain.from_iterable(places), dtype=np.int32)
    lengths = np.array([*map(len, places)], dtype=np.int32)
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    totals: NDArray[Any] = lengths
    if weights is None:
        shares = np.ones(len(numbers), dtype=np.float32)
    else:
        shares = weights[numbers]
        totals = np.bincount(np.repeat(np.arange(len(places)), lengths), weights=shares, minlength=len(places))
    sums = make_csr(shares, numbers, ends, len(table)) @ table
    means: NDArray[np.float32] = sums / np.where(totals > 0, totals, 1).astype(np.float32)[:, np.newaxis]
    return means


def line_up(table: NDArray[np.float32], places: Sequence[Sequence[int]], longest: int) -> NDArray[np.float32]:
    """Return for each list of places those rows of a table side by side, padded with its first row to the `longest`."""
    filled = np.zeros((len(places), longest), dtype=np.int64)
    for row, numbers in enumerate(places):
        filled[row, : len(numbers)] = numbers
    return table[filled].reshape(len(places), longest * table.shape[1])
