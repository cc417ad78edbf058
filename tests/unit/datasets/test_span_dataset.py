"""`SpanDataset`: which examples it picks and how it splits them by time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from corpus import make_examples
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.errors import OptionError, TrainingError
from pipeline.examples.example import Selection
from unit.datasets.sources import ListSource, make_set


def make_dataset(**options: Any) -> SpanDataset:
    return SpanDataset(
        **({"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-1-2", "training_ratio": 0.8} | options)
    )


def test_the_oldest_train_and_the_newest_test() -> None:
    examples = make_examples(10)

    split = make_dataset(training_ratio=0.7).split(ListSource(examples))

    assert list(split.training.texts) == list(examples.texts)[:7]
    assert list(split.testing.texts) == list(examples.texts)[7:]


@pytest.mark.parametrize(("ratio", "training_count"), [(0.29, 29), (0.7, 70), (0.994, 99), (0.05, 5)])
def test_the_ratio_is_met_to_the_nearest_example(ratio: float, training_count: int) -> None:
    split = make_dataset(training_ratio=ratio).split(ListSource(make_examples(100)))

    assert (len(split.training), len(split.testing)) == (training_count, 100 - training_count)


def test_it_asks_for_its_collection_and_its_span_in_utc() -> None:
    source = ListSource(make_examples())

    make_dataset(start_datetime_str="2016-1-1T02:00+02:00", collection="posts").split(source)

    assert source.asked == [Selection("posts", datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 1, 2, tzinfo=UTC))]


def test_options_by_position_keep_their_places() -> None:
    assert SpanDataset("2016-1-1", "2016-1-2", 0.8, "posts").options == make_dataset(collection="posts").options


def test_an_empty_span_names_the_collection_and_the_span() -> None:
    with pytest.raises(TrainingError) as caught:
        make_dataset(collection="posts").split(ListSource(make_set()))

    assert "'posts'" in caught.value.what
    assert "2016-01-01" in caught.value.what
    assert "2016-01-02" in caught.value.what
    assert "pipeline examples stats" in caught.value.next_step


@pytest.mark.parametrize("classifications", [["a"], ["a", "b"]], ids=["one example", "two examples at 0.8"])
def test_too_few_for_both_sets_are_refused(classifications: list[str]) -> None:
    with pytest.raises(TrainingError, match="at least one in each"):
        make_dataset().split(ListSource(make_set(*classifications)))


def test_one_class_in_the_training_set_is_refused() -> None:
    with pytest.raises(TrainingError, match="8 training examples of 1 class;"):
        make_dataset().split(ListSource(make_set(*"aaaaaaaabb")))


def test_fewer_training_examples_than_classes_are_refused() -> None:
    with pytest.raises(TrainingError, match="2 training examples for 4 classes"):
        make_dataset(training_ratio=0.5).split(ListSource(make_set(*"abcd")))


def test_a_class_that_is_only_tested_is_no_error() -> None:
    split = make_dataset().split(ListSource(make_set(*"ababababcc")))

    assert set(split.testing.classifications) == {"c"}


@pytest.mark.parametrize(
    ("options", "next_step"),
    [
        ({}, "widen the span, change training_ratio or set split to random"),
        (
            {"split": "random", "classes": ["a", "b"], "max_examples": 2, "min_examples_per_class": 2},
            "widen the span, change training_ratio, name more classes, raise max_examples "
            "or lower min_examples_per_class",
        ),
    ],
    ids=["split by time", "narrowed down"],
)
def test_a_refusal_names_what_can_be_changed_here(options: dict[str, Any], next_step: str) -> None:
    with pytest.raises(TrainingError) as caught:
        make_dataset(**options).split(ListSource(make_set("b", "a", "a") if options else make_set("a", "a")))

    assert caught.value.next_step == next_step


def test_refusals_cannot_be_mended_by_another_try() -> None:
    with pytest.raises(TrainingError) as caught:
        make_dataset().split(ListSource(make_set()))

    assert not caught.value.retryable


@pytest.mark.parametrize("ratio", [0, 1, 0.0, 1.0, -0.5, 1.5, float("nan"), "0.8", True])
def test_a_ratio_outside_zero_to_one_is_refused(ratio: object) -> None:
    with pytest.raises(OptionError, match="training_ratio"):
        make_dataset(training_ratio=ratio)


@pytest.mark.parametrize("end", ["2016-1-1", "2015-12-31", "2016-01-01T01:00+02:00"])
def test_an_end_not_after_the_start_is_refused(end: str) -> None:
    with pytest.raises(OptionError, match="must come after"):
        make_dataset(end_datetime_str=end)


@pytest.mark.parametrize("moment", ["2016-2-30", "yesterday", "", 2016])
def test_no_moment_in_the_calendar_is_refused(moment: object) -> None:
    with pytest.raises(OptionError, match="start_datetime_str"):
        make_dataset(start_datetime_str=moment)


def test_moments_are_kept_in_one_form() -> None:
    assert make_dataset().options == make_dataset(start_datetime_str="2016-01-01T00:00Z").options
