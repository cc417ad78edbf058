"""The folds of a cross-validation: which examples of a training set are answered by which model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.lazy import NDArray, np

Rows = NDArray["np.int64"]
"""Places in the training set, ascending."""


@dataclass(frozen=True)
class Folds:
    """Divides a training set. In each fold, one part trains and another one is answered; no example is answered twice.

    ```text
    three at random   2 0 1 1 0 2 0 1 2    the first fold trains on all but the examples numbered 0, and answers those
    three by time     - - - 0 0 1 1 2 2    the first fold trains on the three oldest, and answers the next two
    ```

    Attributes:
        numbers: shape (examples,), int8; the fold that answers each example, -1 for those that only train.
        count: how many folds there are.
        by_time: whether a fold trains on the older examples only; otherwise it trains on all others.
    """

    numbers: NDArray[np.int8]
    count: int
    by_time: bool

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[Rows, Rows]]:
        """Yield the examples that train in each fold, and those that are answered."""
        for number in range(self.count):
            trains = self.numbers < number if self.by_time else self.numbers != number
            yield np.flatnonzero(trains), np.flatnonzero(self.numbers == number)

    @property
    def answered(self) -> Rows:
        """The examples that any fold answers."""
        return np.flatnonzero(self.numbers >= 0)


def fold_by_time(count: int, folds: int) -> Folds:
    """Return folds of examples that are sorted by time: blocks of equal size, of which the oldest only trains.

    Sizes differ by at most one example; the newest blocks are the larger ones.
    """
    blocks = np.arange(count) * (folds + 1) // max(count, 1)
    return Folds((blocks - 1).astype(np.int8), folds, by_time=True)


def fold_at_random(classifications: Sequence[str], draws: Sequence[bytes], folds: int) -> Folds:
    """Return folds in which every class has its share, as far as it has enough examples.

    Args:
        classifications: of each example.
        draws: what decides each example's fold; equal ones stay together unless a class must be cut there.
        folds: how many.
    """
    rows_by_class: dict[str, list[int]] = {}
    for row, name in enumerate(classifications):
        rows_by_class.setdefault(name, []).append(row)
    numbers = np.empty(len(classifications), np.int8)
    dealt = 0  # so that classes smaller than the number of folds do not all end in the first ones
    for rows in rows_by_class.values():
        rows.sort(key=lambda row: draws[row])
        places = (np.arange(len(rows)) * folds // len(rows) + dealt) % folds
        numbers[rows] = places
        dealt += len(rows)
    return Folds(numbers, folds, by_time=False)
