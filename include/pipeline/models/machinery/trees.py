"""The base class of models of trees, which after training convert their trees to the form that documents have.

numpy alone follows the trees in that form. So no compiled code follows the nodes of a stranger's document, documents do
not depend on scikit-learn's own layout, and a model answers by the same steps before and after it is stored.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from pipeline.components.features import Features, Precision
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.scikit import ScikitModel
from pipeline.serialisation.decision_trees import LEAF, count_splits

_BATCH_BYTES = 32 * 2**20
_BATCH_WALKS = 2**18
_BATCH_SUMS = 2**16


class Walk:
    """Follows rows of numbers through trees to their leaves; immutable once made."""

    def __init__(self, packed: dict[str, NDArray[Any]], width: int) -> None:
        features = packed["features"]
        is_split = features != LEAF
        self.width = width
        self.trees = len(features) - 2 * len(packed["thresholds"])
        self._thresholds = packed["thresholds"]
        self._numbers = count_splits(features) - np.int32(1)
        """For each node that splits its number, from 0 up; for each leaf its number, from -1 down."""
        self._numbers[~is_split] -= np.flatnonzero(~is_split).astype(np.int32)
        # only these columns of a row are made dense, because the width that a document states may be any
        self._columns, self._asked = _number_columns(features[is_split])

    @property
    def packed(self) -> dict[str, NDArray[Any]]:
        """The trees in the form of a document."""
        features = np.full(len(self._numbers), LEAF, dtype=np.int32)
        features[self._numbers >= 0] = self._columns[self._asked]
        return {"features": features, "thresholds": self._thresholds.copy()}

    def find_leaves(self, features: Features) -> Iterator[tuple[slice, NDArray[np.int32]]]:
        """Yield batches of rows with the number, from 0, of the leaf that each row reaches in each tree."""
        rows, width = features.shape
        if width != self.width:
            raise ValueError(f"rows of {width} numbers, but these trees were grown on rows of {self.width}")
        size = max(1, min(_BATCH_BYTES // (4 * len(self._columns) + 4), _BATCH_WALKS // self.trees))
        for start in range(0, rows, size):
            batch = slice(start, min(rows, start + size))
            yield batch, self._follow(self._select(features if size >= rows else features[batch]))

    def _select(self, features: Features) -> NDArray[np.float32]:
        """Return the columns that any node compares, dense."""
        if isinstance(features, np.ndarray):
            return np.ascontiguousarray(features[:, self._columns], dtype=np.float32)
        chosen = np.zeros((features.shape[0], len(self._columns)), dtype=np.float32)
        if len(self._columns):
            rows = np.repeat(np.arange(features.shape[0]), np.diff(features.indptr))
            places = np.searchsorted(self._columns, features.indices).clip(max=len(self._columns) - 1)
            found = self._columns[places] == features.indices
            chosen[rows[found], places[found]] = features.data[found]
        return chosen

    def _follow(self, chosen: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the leaf of each row in each tree; all rows descend one level at a time."""
        rows, columns = chosen.shape
        values = chosen.ravel()
        reached = np.tile(self._numbers[: self.trees], rows)
        offsets = np.repeat(np.arange(rows) * columns, self.trees)
        walks = np.flatnonzero(reached >= 0)
        splits, offsets = reached[walks], offsets[walks]
        while walks.size:
            right = values[offsets + self._asked[splits]] > self._thresholds[splits]
            numbers = self._numbers[self.trees + 2 * splits + right]
            goes_on = numbers >= 0
            if not goes_on.all():
                reached[walks[~goes_on]] = numbers[~goes_on]
                walks, offsets, numbers = walks[goes_on], offsets[goes_on], numbers[goes_on]
            splits = numbers
        return (-1 - reached).reshape(rows, self.trees)


def add_in_order(table: NDArray[np.float64], numbers: NDArray[Any], total: NDArray[np.float64]) -> None:
    """Add entries of a table to a total, in place, one after the other, because another order would round differently.

    Args:
        table: shape (entries, …) or, if a number stands for a single value, (entries,).
        numbers: of entries, shape (rows, steps) or (rows, steps, columns).
        total: what a row's steps are added to, shape (rows, columns).
    """
    steps = numbers.shape[1]
    size = max(1, _BATCH_SUMS // total.size)
    for start in range(0, steps, size):
        parts = table[numbers[:, start : start + size]]
        parts[:, 0] += total
        total[...] = np.add.accumulate(parts, axis=1)[:, -1]


def _number_columns(asked: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the columns that nodes compare, in order, and for each node that splits the position of its column.

    `np.unique` does the same, but takes more memory than a stranger's document may cost.
    """
    order = np.argsort(asked)
    asked = asked[order]
    is_first = np.append(True, asked[1:] != asked[:-1])[: len(asked)]
    columns = asked[is_first]
    del asked
    numbers = np.empty(len(order), dtype=np.int32)
    numbers[order] = np.cumsum(is_first, dtype=np.int32)
    numbers -= 1
    return columns, numbers


class TreesModel(ScikitModel):
    """A model that replaces its estimator, once fitted, by one of this project that holds only the trees.

    A subclass reads what a fitted scikit-learn estimator has learnt in `read_fitted`, and makes of that in
    `make_fitted` an estimator with `learnt`, `n_features_in_`, and the methods that `ScikitModel` calls.
    """

    precision: ClassVar[Precision] = "float32"

    @abstractmethod
    def read_fitted(self, estimator: Any) -> dict[str, Any]:
        """Return what a fitted scikit-learn estimator has learnt, as `learnt` declares it."""

    @abstractmethod
    def make_fitted(self, learnt: dict[str, Any]) -> Any:
        """Return an estimator that answers as the one from which `learnt` was read.

        Args:
            learnt: what `read_fitted` returned, with the `width`; audited if it comes from a document.

        Raises:
            DocumentError: some entries contradict each other.
        """

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        super().fit_estimator(features, targets, seed)
        width = {"width": int(self._estimator.n_features_in_)}
        self._estimator = self.make_fitted(width | self.read_fitted(self._estimator))

    def advise_one_class(self, examples: int) -> str:
        for name, fewest in (("min_samples_leaf", 2), ("min_samples_split", 1)):
            value = getattr(self.options, name, 0)
            if value * fewest > examples:
                return f"{name} {value} leaves no split of {examples} examples; lower it"
        return super().advise_one_class(examples)

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        return dict(estimator.learnt)

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        """Do nothing: `set_learnt` replaces the estimator."""

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        super().set_learnt(learnt)
        self._estimator = self.make_fitted(learnt)
