"""Binary trees in a document: what their nodes ask, and no links from node to node, which could lead astray.

The nodes of all trees stand in one order: first the roots, one a tree, then the two children of each node that splits,
those of the first such node first. So the children of the k-th node that splits, counted from 0, are the nodes
trees + 2k and trees + 2k + 1, and nothing but which nodes split need be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Record, join
from pipeline.serialisation.schema import Part, Sizes, describe, match_size, refuse

LEAF = -1
MOST_DEPTH = 1_000
"""So many questions may lead to an answer; with no limit, a stranger's chain of nodes would make answers slow."""

_RECORD = Record(
    {
        "features": Array("int32", ("nodes",), minimum=LEAF),
        "thresholds": Array("float32", ("splits",)),
    }
)


@dataclass(frozen=True)
class Trees(Part):
    """Trees over rows of numbers; `trees` is how many or, like `leaves` and `columns`, the name of that size.

    `features` tells which number of a row a node asks about, or `LEAF`; `thresholds`, for each node that splits, the
    greatest number with which a row goes on to the left child.
    """

    trees: str | int
    leaves: str
    columns: str

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        _RECORD.check(value, path, {})
        features, splits = value["features"], len(value["thresholds"])
        place, trees = join(path, "features"), len(features) - 2 * splits
        if trees < 1 or (isinstance(self.trees, int) and trees != self.trees):
            refuse(place, describe(features), f"two nodes for each of {splits} splits, and one for each tree")
        if isinstance(self.trees, str):
            match_size(self.trees, trees, place, sizes)
        match_size(self.leaves, splits + trees, place, sizes)
        columns = sizes[self.columns]
        if features.max() >= columns:
            refuse(place, f"column {features.max()}", f"columns from 0 to {columns - 1}, or {LEAF} for a leaf")
        if np.count_nonzero(features == LEAF) != splits + trees:
            refuse(place, f"nodes that split other than {splits} times", "one threshold for each node that splits")
        _check_levels(count_splits(features), trees, place)


def _check_levels(splits: NDArray[np.int32], trees: int, path: str) -> None:
    """Refuse nodes that no root leads to, and trees deeper than any may be."""
    end, depth = trees, 0
    while end < len(splits):
        start, end = end, trees + 2 * int(splits[end - 1])
        depth += 1
        if end <= start:
            refuse(path, f"{len(splits) - start} nodes that no root leads to", "trees in order of their levels")
        if depth > MOST_DEPTH:
            refuse(path, f"trees deeper than {MOST_DEPTH}", f"at most {MOST_DEPTH}")


def count_splits(features: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return how many nodes split, up to and with each node."""
    return np.cumsum(features != LEAF, dtype=np.int32)


class Links(NamedTuple):
    """One tree, its root first: which nodes are leaves and, of the others, the children and what they ask."""

    is_leaf: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    features: NDArray[Any]
    thresholds: NDArray[Any]


def pack_trees(trees: Sequence[Links]) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Return trees as a document holds them, and which of all their nodes, counted through, each leaf was."""
    sizes = [len(tree.is_leaf) for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    is_leaf, left, right, features, thresholds = map(np.concatenate, zip(*trees, strict=True))
    starts = np.repeat(roots, sizes)
    children = np.column_stack([left, right]).astype(np.int64) + starts[:, None]
    levels, level = [], roots
    while level.size:
        levels.append(level)
        level = children[level[is_leaf[level] == 0]].ravel()
    order = np.concatenate(levels)
    ends = is_leaf[order] != 0
    packed = {
        "features": np.where(ends, LEAF, features[order]).astype(np.int32),
        "thresholds": _round_down(thresholds[order[~ends]]),
    }
    return packed, order[ends]


def _round_down(thresholds: NDArray[Any]) -> NDArray[np.float32]:
    """Return the greatest float32 numbers that are not above; those that are not above them stay the same."""
    range_of = np.finfo(np.float32)
    rounded = np.clip(thresholds, range_of.min, range_of.max).astype(np.float32)
    lower: NDArray[np.float32] = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded > thresholds, lower, rounded)
