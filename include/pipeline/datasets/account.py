"""A split in counts and times, without any content of an example."""

from collections import Counter
from typing import Any, Final

from pipeline.datasets.cuts import Cut
from pipeline.datasets.split import Split
from pipeline.examples.example import ExampleSet


def describe_split(split: Split) -> dict[str, Any]:
    """Return the counts and times of a split as JSON values."""
    removed, classes = split.removed, split.classes
    return {
        "training": _describe(split.training) | {"classes": classes.training},
        "testing": _describe(split.testing) | {"classes": classes.testing},
        **_describe_choosing(split),
        "classes": classes.both,
        "classes_not_trained": classes.not_trained,
        "classes_not_tested": classes.not_tested,
        "shared_texts": split.shared.texts,
        "shared_testing_examples": split.shared.testing_examples,
        "left_out_classes": removed.left_out_classes,
        "removed_other_classes": removed.other_classes,
        "removed_duplicates": removed.duplicates,
        "removed_older": removed.older,
        "removed_small_classes": removed.small_classes,
        "ties": {
            "split": _describe_cut(split.cut, "training", "testing"),
            "max_examples": _describe_cut(removed.cut, "removed", "kept"),
            "contradicted_duplicates": removed.contradicted,
        },
    }


MOST_CLASSES: Final = 200
"""How many classes `count_by_class` lists; nobody reads more."""


def count_by_class(split: Split) -> dict[str, dict[str, int]]:
    """Return for each set of a split its examples by class, the most frequent classes of all sets first.

    At most `MOST_CLASSES` classes are listed, each in every set; `describe_split` counts all of them.
    """
    sets = {"training": split.training, "validation": split.validation, "testing": split.testing}
    counts = {name: Counter(examples.classifications) for name, examples in sets.items() if examples is not None}
    total: Counter[str] = sum(counts.values(), Counter())
    listed = sorted(total, key=lambda name: (-total[name], name))[:MOST_CLASSES]
    return {name: {each: count[each] for each in listed} for name, count in counts.items()}


def _describe(examples: ExampleSet) -> dict[str, Any]:
    return {
        "count": len(examples),
        "first": examples.occurred_at[0].isoformat(),
        "last": examples.occurred_at[-1].isoformat(),
    }


def _describe_choosing(split: Split) -> dict[str, Any]:
    """Return what chooses the best model; nothing if the testing set does."""
    if split.validation is not None:
        cut = _describe_cut(split.validation_cut, "training", "validation")
        return {"validation": _describe(split.validation) | {"cut": cut}}
    if split.folds is not None:
        return {"folds": {"count": len(split.folds), "answered": len(split.folds.answered)}}
    return {}


def _describe_cut(cut: Cut | None, older: str, newer: str) -> dict[str, Any] | None:
    return cut and {"moment": cut.moment.isoformat(), older: cut.older, newer: cut.newer}
