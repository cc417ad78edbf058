"""`HoldoutSpanDataset`: one span trains, another tests."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.datasets.holdout_span_dataset import HoldoutSpanDataset
from pipeline.datasets.split import Removed
from pipeline.errors import OptionError, TrainingError
from pipeline.examples.example import Selection
from unit.datasets.sources import ListSource, list_rows, make_set

NAMES = [f"{part}_{end}_datetime_str" for part in ("training", "testing") for end in ("start", "end")]
# ten minutes that train, then ten that test, or the other way round
TRAINING_FIRST = ("2016-1-1 00:00", "2016-1-1 00:10", "2016-1-1 00:10", "2016-1-1 00:20")
TESTING_FIRST = TRAINING_FIRST[2:] + TRAINING_FIRST[:2]
OLDER, NEWER = "ababababab", "bbaaaaaaaa"


def make_dataset(*moments: str, **options: Any) -> HoldoutSpanDataset:
    return HoldoutSpanDataset(*(moments or TRAINING_FIRST), **options)


def test_the_spans_are_two_selections_the_one_that_trains_first() -> None:
    moments = [datetime(2016, 1, 1, 0, minute, tzinfo=UTC) for minute in (0, 10, 20)]

    one, other = make_dataset(collection="posts").selections

    assert one == Selection("posts", moments[0], moments[1])
    assert other == Selection("posts", moments[1], moments[2])
    assert make_dataset(*TESTING_FIRST, collection="posts").selections == (other, one)


@pytest.mark.parametrize(
    ("moments", "training", "testing"),
    [(TRAINING_FIRST, OLDER, NEWER), (TESTING_FIRST, NEWER, OLDER)],
    ids=["the older span trains", "the newer span trains"],
)
def test_each_example_is_where_its_span_puts_it(moments: tuple[str, ...], training: str, testing: str) -> None:
    made = make_dataset(*moments).split(ListSource(make_set(*OLDER, *NEWER)))

    assert "".join(made.training.classifications) == training
    assert "".join(made.testing.classifications) == testing


@pytest.mark.parametrize(
    ("moments", "rows"),
    [
        (TRAINING_FIRST, (["a:x", "b:y", "a:1"], ["b:2", "a:3"])),
        (TESTING_FIRST, (["b:2", "a:3"], ["a:x", "b:y", "a:1"])),
    ],
    ids=["the older span trains", "the newer span trains"],
)
def test_of_equal_texts_the_oldest_stays_in_whichever_span_it_is(
    moments: tuple[str, ...], rows: tuple[list[str], list[str]]
) -> None:
    older, newer = ["a:x", "b:y", "a:1", "b:y"], ["a:x", "b:2", "a:3", "b:y"]
    examples = make_set(*older, *["-"] * 6, *newer)
    source = ListSource(examples.take([*range(4), *range(10, 14)]))

    made = make_dataset(*moments, duplicates="remove").split(source)

    assert (list_rows(made.training), list_rows(made.testing)) == rows
    assert (made.removed, made.shared) == (Removed(duplicates=3), (0, 0))


def test_the_newest_are_those_that_train() -> None:
    made = make_dataset(max_examples=4).split(ListSource(make_set(*"abababababaabb")))

    assert (len(made.training), len(made.testing)) == (4, 4)
    assert made.training.occurred_at[0] == datetime(2016, 1, 1, 0, 6, tzinfo=UTC)
    assert made.removed == Removed(older=6)


@pytest.mark.parametrize(
    ("fewest", "tested", "removed"),
    [(1, "abcd", Removed()), (2, "ab", Removed(small_classes=3, left_out_classes=2))],
    ids=["one is enough", "two are wanted"],
)
def test_classes_with_few_training_examples_are_left_out_of_both_spans(
    fewest: int, tested: str, removed: Removed
) -> None:
    made = make_dataset(min_examples_per_class=fewest).split(ListSource(make_set(*"ababababac", *"abcd")))

    assert "".join(made.testing.classifications) == tested
    assert made.removed == removed


def test_only_the_classes_named_are_trained_and_tested() -> None:
    made = make_dataset(classes=["a", "b"]).split(ListSource(make_set(*"abcabcabca", *"bcab")))

    assert {*made.training.classifications, *made.testing.classifications} == {"a", "b"}
    assert made.removed == Removed(other_classes=4)


def test_an_empty_span_is_named() -> None:
    with pytest.raises(TrainingError, match="no examples from 2016-01-01T00:10:00"):
        make_dataset().split(ListSource(make_set(*"abab")))


def test_a_refusal_names_what_can_be_changed_here() -> None:
    with pytest.raises(TrainingError, match="widen the spans or raise max_examples"):
        make_dataset(max_examples=2).split(ListSource(make_set(*"ababababaa", "b")))


@pytest.mark.parametrize(
    ("moments", "rule", "message"),
    [
        (("2016-1-2", "2016-1-1", "2016-1-3", "2016-1-4"), "training_order", "training_end_datetime_str (2016-01-01)"),
        (("2016-1-1", "2016-1-2", "2016-1-3", "2016-1-3"), "testing_order", "testing_end_datetime_str (2016-01-03)"),
        (("2016-1-1", "2016-1-3", "2016-1-2", "2016-1-4"), "overlap", "(2016-01-02 up to 2016-01-04) must not overlap"),
        (("2016-1-2", "2016-1-4", "2016-1-1", "2016-1-3"), "overlap", "must not overlap"),
        (("2016-1-1", "2016-1-9", "2016-1-2", "2016-1-3"), "overlap", "must not overlap"),
        (("2016-1-2", "2016-1-3", "2016-1-1", "2016-1-9"), "overlap", "must not overlap"),
    ],
)
def test_spans_that_are_none_or_overlap_are_refused(moments: tuple[str, ...], rule: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        make_dataset(*moments)
    with pytest.raises(ValidationError) as caught:
        HoldoutSpanDataset.Options.model_validate(dict(zip(NAMES, moments, strict=True)))

    assert message in str(refused.value)
    assert [error["type"] for error in caught.value.errors()] == [rule]


@pytest.mark.parametrize("moments", [TRAINING_FIRST, TESTING_FIRST, ("2016-1-5", "2016-1-6", "2016-1-1", "2016-1-2")])
def test_spans_may_touch_and_come_in_either_order(moments: tuple[str, ...]) -> None:
    assert len(make_dataset(*moments).selections) == 2
