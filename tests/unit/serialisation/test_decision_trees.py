"""Trees in a document: what was packed asks the same, and what is no tree is refused."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import DocumentError
from pipeline.serialisation.decision_trees import LEAF, MOST_DEPTH, Links, Trees, pack_trees
from pipeline.serialisation.schema import audit

PART = Trees("trees", "leaves", "width")
MOST_NODES = 9


def make_document(features: list[int], splits: int | None = None) -> dict[str, NDArray[Any]]:
    """Return a document of trees with a threshold for each node that splits, or with so many."""
    count = sum(feature != LEAF for feature in features) if splits is None else splits
    return {"features": np.array(features, dtype=np.int32), "thresholds": np.zeros(count, dtype=np.float32)}


def reach_all(splits: tuple[bool, ...], trees: int) -> bool:
    """Return whether one goes from the roots to every node, and to each once, by following the children's numbers."""
    waiting, reached = list(range(trees)), list[int]()
    while waiting and len(reached) <= len(splits):
        node = waiting.pop()
        reached.append(node)
        if node >= len(splits):
            return False
        if splits[node]:
            first = trees + 2 * sum(splits[:node])
            waiting += [first, first + 1]
    return sorted(reached) == list(range(len(splits)))


def test_two_trees_are_packed_level_by_level() -> None:
    first = Links(
        np.array([False, False, True, True, True]),
        np.array([1, 2, -1, -1, -1]),
        np.array([4, 3, -1, -1, -1]),
        np.array([7, 8, -2, -2, -2]),
        np.array([0.5, 0.25, -2.0, -2.0, -2.0]),
    )
    second = Links(np.array([True]), np.array([-1]), np.array([-1]), np.array([-2]), np.array([-2.0]))

    packed, leaves = pack_trees([first, second])

    assert packed["features"].tolist() == [7, LEAF, 8, LEAF, LEAF, LEAF]
    assert packed["thresholds"].tolist() == [0.5, 0.25]
    assert leaves.tolist() == [5, 4, 2, 3]
    audit(packed, PART, sizes={"width": 9, "trees": 2, "leaves": 4})


@pytest.mark.parametrize("trees", [1, 2, 3])
def test_exactly_those_nodes_are_trees_that_are_reached_once_each(trees: int) -> None:
    accepted = 0
    for count in range(trees, MOST_NODES + 1):
        for splits in product([False, True], repeat=count):
            if count - 2 * sum(splits) != trees:
                continue
            document = make_document([0 if split else LEAF for split in splits])
            if reach_all(splits, trees):
                audit(document, PART, sizes={"width": 1})
                accepted += 1
            else:
                with pytest.raises(DocumentError, match=r"features: found \d+ nodes that no root leads to"):
                    audit(document, PART, "model.learnt.trees", {"width": 1})

    assert accepted > 1


@pytest.mark.parametrize(
    ("features", "splits", "message"),
    [
        ([3, -1, -1], None, "column 3"),
        ([-2, -1, -1], None, "a value of -2"),
        ([0, -1], None, "array of shape"),
        ([0, 0, -1], 1, "nodes that split other than 1 times"),
        ([0, -1, -1, -1], None, "2 trees"),
        ([-1, -1, 0], None, "no root leads to"),
    ],
)
def test_what_is_no_tree_is_refused_by_its_path(features: list[int], splits: int | None, message: str) -> None:
    with pytest.raises(DocumentError, match=rf"model\.learnt\.trees\.features: found .*{message}"):
        audit(make_document(features, splits), PART, "model.learnt.trees", {"width": 3, "trees": 1})


def test_another_number_of_trees_than_declared_is_refused() -> None:
    with pytest.raises(DocumentError, match="one for each tree"):
        audit(make_document([LEAF, LEAF]), Trees(1, "leaves", "width"), sizes={"width": 1})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_thresholds_that_are_not_finite_are_refused(value: float) -> None:
    document = make_document([0, LEAF, LEAF])
    document["thresholds"][0] = value

    with pytest.raises(DocumentError, match="thresholds: found a value that is not finite"):
        audit(document, PART, sizes={"width": 1})


def test_a_chain_is_refused_once_it_is_deeper_than_trees_may_be() -> None:
    chain = [0, *[LEAF, 0] * (MOST_DEPTH - 1), LEAF, LEAF]
    audit(make_document(chain), PART, sizes={"width": 1})

    with pytest.raises(DocumentError, match=f"deeper than {MOST_DEPTH}"):
        audit(make_document([0, LEAF, *chain]), PART, sizes={"width": 1})


def test_thresholds_part_the_same_numbers_as_before_they_were_rounded() -> None:
    draw = np.random.default_rng(0)
    numbers = draw.normal(size=2_000).astype(np.float32)
    numbers = np.concatenate([numbers, [0, 1e-45, 3e38, np.finfo(np.float32).max]]).astype(np.float32)
    exact = np.concatenate([draw.normal(size=500), numbers[:500], (numbers[:-1] / 2.0 + numbers[1:] / 2.0), [1e300]])
    count = len(exact)
    trees = [
        Links(np.array([0, 1, 1]), np.array([1, 0, 0]), np.array([2, 0, 0]), np.zeros(3), np.array([each, 0, 0]))
        for each in exact
    ]

    thresholds = pack_trees(trees)[0]["thresholds"]

    assert thresholds.dtype == np.float32
    assert len(thresholds) == count
    assert np.array_equal(numbers[:, None] <= thresholds, numbers[:, None].astype(np.float64) <= exact)
