"""The options that all datasets share: what they leave, in which order, and the account of what they remove."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline.components.options import Option
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.datasets.split import Removed, Split
from pipeline.errors import OptionError, TrainingError
from unit.datasets.sources import ListSource, list_rows, make_set


def make_dataset(**options: Any) -> SpanDataset:
    return SpanDataset("2016-1-1", "2016-1-2", 0.5, **options)


def split(*rows: str, **options: Any) -> Split:
    """Return how a dataset splits these examples in halves."""
    return make_dataset(**options).split(ListSource(make_set(*rows)))


def list_all(made: Split) -> list[str]:
    return list_rows(made.training) + list_rows(made.testing)


def test_by_default_everything_is_kept_and_nothing_removed() -> None:
    made = split("a:x", "b:x", "a:y", "b:z")

    assert list_all(made) == ["a:x", "b:x", "a:y", "b:z"]
    assert made.removed == Removed()


def test_only_examples_of_the_classes_named_are_kept() -> None:
    made = split(*"abcabcab", classes=["b", "a"])

    assert [row[0] for row in list_all(made)] == [*"ababab"]
    assert made.removed == Removed(other_classes=2)


def test_of_equal_texts_only_the_oldest_stays_whatever_its_class() -> None:
    made = split("a:x", "b:y", "b:x", "a:z", "b:y", "b:v", duplicates="remove")

    assert list_all(made) == ["a:x", "b:y", "a:z", "b:v"]
    assert made.removed == Removed(duplicates=2)


def test_only_the_newest_are_kept() -> None:
    made = split("a:1", "b:2", "a:3", "b:4", "a:5", max_examples=4)

    assert list_all(made) == ["b:2", "a:3", "b:4", "a:5"]
    assert made.removed == Removed(older=1)


@pytest.mark.parametrize("most", [5, 6, None])
def test_as_many_as_there_are_or_more_is_all(most: int | None) -> None:
    made = split(*"ababa", max_examples=most)

    assert (len(list_all(made)), made.removed) == (5, Removed())


@pytest.mark.parametrize(("fewest", "left"), [(1, "abcabcab"), (2, "abcabcab"), (3, "ababab")])
def test_classes_with_fewer_examples_are_left_out(fewest: int, left: str) -> None:
    made = split(*"abcabcab", min_examples_per_class=fewest)

    assert [row[0] for row in list_all(made)] == [*left]
    dropped = 8 - len(left)
    assert made.removed == Removed(small_classes=dropped, left_out_classes=dropped // 2)


def test_classes_come_first_then_duplicates_then_age_then_small_classes() -> None:
    rows = ["c:x", "d:0", "a:x", "b:1", "a:x", "a:2", "b:4", "a:5", "d:6", "a:7"]

    made = split(*rows, classes=["a", "b", "d"], duplicates="remove", max_examples=6, min_examples_per_class=2)

    # without c the first x of a is the oldest; of d one is among the newest six, which is too few
    assert list_all(made) == ["b:1", "a:2", "b:4", "a:5", "a:7"]
    assert made.removed == Removed(other_classes=1, duplicates=1, older=2, small_classes=1, left_out_classes=1)


def test_what_is_removed_and_what_is_left_add_up_to_what_was_selected() -> None:
    rows = [f"{'abcdef'[number % 6]}:{number % 37}" for number in range(100)] + ["g:last"]

    made = split(
        *rows, classes=[*"abcdg"], duplicates="remove", max_examples=20, min_examples_per_class=2, split="random"
    )

    removed = made.removed
    assert min(removed.other_classes, removed.duplicates, removed.older, removed.small_classes) > 0
    total = removed.other_classes + removed.duplicates + removed.older + removed.small_classes
    assert total + len(list_all(made)) == 101


def test_removing_duplicates_leaves_no_text_in_both_sets() -> None:
    rows = ["a:x", "b:y", "a:z", "b:w", "a:x", "b:y", "a:q", "b:x"]

    kept, removed = split(*rows), split(*rows, duplicates="remove")

    assert kept.shared == (2, 3)
    assert removed.shared == (0, 0)


def test_texts_in_both_sets_are_warned_of_without_saying_them() -> None:
    with capture_logs() as logs:
        split("a:secret", "b:y", "a:secret", "b:w")

    assert logs == [{"event": "some texts are in both sets", "log_level": "warning", "texts": 1, "testing_examples": 1}]


def test_a_class_that_nothing_is_of_is_warned_of() -> None:
    with capture_logs() as logs:
        split(*"abab", classes=["a", "b", "fruti"])

    assert logs == [{"event": "named classes have no example", "log_level": "warning", "classes": ["fruti"]}]


def test_classes_that_no_example_has_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"to one of the 2 classes named.*upper and lower case differ"):
        split(*"abab", classes=["A", "B"])


def test_one_class_beside_names_that_no_example_has_is_refused_with_these_names() -> None:
    with pytest.raises(TrainingError, match=r"no selected example belongs to 'fruti', and training needs two classes"):
        split(*"abab", classes=["a", "fruti"])


def test_too_few_classes_left_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"2 training examples of 1 class;.*lower min_examples_per_class"):
        split(*"aabaa", min_examples_per_class=2)


def test_nothing_left_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"no class has 3 of the 5 examples .*at most 2, as many as the largest"):
        split(*"abcab", min_examples_per_class=3)


def test_equal_sets_of_classes_are_equal_definitions() -> None:
    one, other = make_dataset(classes=["b", "a", "b"]), make_dataset(classes=["a", "b"])

    assert one.canonical == other.canonical
    assert one.options.classes == ["a", "b"]


@pytest.mark.parametrize("classes", [[], ["a"], ["a", "a"], ["a", ""], "ab", ["a", 1], [["a", "b"]]])
def test_fewer_than_two_classes_are_refused(classes: object) -> None:
    with pytest.raises(OptionError, match="classes"):
        make_dataset(classes=classes)


@pytest.mark.parametrize(
    "options",
    [{"max_examples": 1}, {"max_examples": 2.5}, {"min_examples_per_class": 0}, {"duplicates": "drop"}],
    ids=str,
)
def test_a_value_out_of_range_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        make_dataset(**options)


def test_defaults_are_no_part_of_a_label() -> None:
    written = make_dataset(classes=None, duplicates="keep", max_examples=None, min_examples_per_class=1, split="time")

    assert written.canonical == make_dataset().canonical
    assert make_dataset(max_examples=2).canonical != make_dataset().canonical


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (None, [None]),
        (["a", "b"], [["a", "b"]]),
        ([["a", "b"], ["c", "d"]], [["a", "b"], ["c", "d"]]),
        ([["a", "b"], None], [["a", "b"], None]),
        ([None], [None]),
    ],
)
def test_a_plan_lists_classes_and_lists_of_classes(written: Any, values: list[Any]) -> None:
    option: Option = SpanDataset.options_by_name()["classes"]

    assert option.list_values(written) == values
