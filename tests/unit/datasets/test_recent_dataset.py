"""`RecentDataset`: the last days before a moment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from corpus import make_examples
from pipeline.datasets.recent_dataset import RecentDataset
from pipeline.errors import OptionError, TrainingError
from pipeline.examples.example import Selection
from unit.datasets.sources import ListSource, make_set


def make_dataset(**options: Any) -> RecentDataset:
    return RecentDataset(**({"days": 1, "before_datetime_str": "2016-1-2", "training_ratio": 0.8} | options))


@pytest.mark.parametrize(
    ("days", "start"),
    [(1, datetime(2016, 1, 1, tzinfo=UTC)), (0.5, datetime(2016, 1, 1, 12, tzinfo=UTC))],
    ids=["a day", "half a day"],
)
def test_it_asks_for_the_days_before_the_moment(days: float, start: datetime) -> None:
    dataset = make_dataset(days=days, collection="posts")

    assert dataset.selections == (Selection("posts", start, datetime(2016, 1, 2, tzinfo=UTC)),)


def test_the_oldest_train_and_the_newest_test() -> None:
    examples = make_examples(10)

    made = make_dataset().split(ListSource(examples))

    assert [*made.training.texts, *made.testing.texts] == [*examples.texts]
    assert len(made.testing) == 2


def test_whole_days_mean_the_same_however_they_are_written() -> None:
    assert make_dataset(days=7).canonical == make_dataset(days=7.0).canonical


def test_it_can_split_at_random_and_be_narrowed_down() -> None:
    made = make_dataset(split="random", classes=["a", "b"]).split(ListSource(make_set(*"abcabcabc")))

    assert (set(made.testing.classifications), made.removed.other_classes) == ({"a", "b"}, 3)


def test_a_refusal_names_what_can_be_changed_here() -> None:
    with pytest.raises(TrainingError, match="choose more days, change training_ratio or set split to random"):
        make_dataset().split(ListSource(make_set("a", "b")))


@pytest.mark.parametrize("days", [0, -1, 0.0005, 36_501, float("inf"), "7", None])
def test_days_out_of_range_are_refused(days: object) -> None:
    with pytest.raises(OptionError, match="days"):
        make_dataset(days=days)


def test_days_from_before_the_calendar_are_refused() -> None:
    with pytest.raises(OptionError, match="the calendar has not begun"):
        make_dataset(days=400, before_datetime_str="0002-1-1")


@pytest.mark.parametrize("moment", ["now", "", None])
def test_a_moment_must_be_told(moment: object) -> None:
    with pytest.raises(OptionError, match="before_datetime_str"):
        make_dataset(before_datetime_str=moment)
