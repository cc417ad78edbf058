"""Binary trees in a document, without links between nodes, which could be wrong.

The nodes of all trees have one order: first the root of each tree, then the two children of each node that splits,
those of the first such node first. So the children of the k-th node that splits, counted from 0, are the nodes
trees + 2k and trees + 2k + 1, and a document only says which nodes split. For example, one tree whose root splits and
whose right child splits again has five nodes: the root, its children 1 and 2, and the children 3 and 4 of node 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Record, join
from pipeline.serialisation.schema import Schema, Sizes, describe, match_size, refuse

LEAF = -1
MOST_DEPTH = 1_000
"""How many splits may lead to a leaf. Without a limit, a malicious document could make every answer slow."""

_RECORD = Record(
    {
        "features": Array("int32", ("nodes",), minimum=LEAF),
        "thresholds": Array("float32", ("splits",)),
    }
)


@dataclass(frozen=True)
class Trees(Schema):
    """Trees over rows of numbers; `trees` is their number or, like `leaves` and `columns`, the name of that size.

    In the document, `features` is for each node the column whose number it compares, or `LEAF`, and `thresholds` is for
    each node that splits the greatest number with which a row goes to the left child.
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
    """Refuse nodes that no root leads to, and trees deeper than `MOST_DEPTH`."""
    end, depth = trees, 0
    while end < len(splits):
        start, end = end, trees + 2 * int(splits[end - 1])
        depth += 1
        if end <= start:
            refuse(path, f"{len(splits) - start} nodes that no root leads to", "trees in order of their levels")
        if depth > MOST_DEPTH:
            refuse(path, f"trees deeper than {MOST_DEPTH}", f"at most {MOST_DEPTH}")


def count_splits(features: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return for each node how many nodes split up to and including it."""
    return np.cumsum(features != LEAF, dtype=np.int32)


class Links(NamedTuple):
    """One tree, root first: for each node whether it is a leaf and, if not, its children, column and threshold."""

    is_leaf: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    features: NDArray[Any]
    thresholds: NDArray[Any]


def pack_trees(trees: Sequence[Links]) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Return trees in the form of a document, and for each leaf its position among the nodes of all trees together."""
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
    """Return the greatest float32 numbers that are not above the thresholds; float32 rows go the same way by them."""
    range_of = np.finfo(np.float32)
    rounded = np.clip(thresholds, range_of.min, range_of.max).astype(np.float32)
    lower: NDArray[np.float32] = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded > thresholds, lower, rounded)
