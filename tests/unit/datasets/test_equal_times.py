"""Cuts among examples of one moment, and classes that a set lacks: told in the log and in the account of a split."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from pipeline.datasets.account import describe_split
from pipeline.datasets.cuts import Cut, find_cut
from pipeline.datasets.holdout_span_dataset import HoldoutSpanDataset
from pipeline.datasets.recent_dataset import RecentDataset
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.datasets.split import Split
from pipeline.examples.example import ExampleSet
from pipeline.examples.ties import order_ties
from unit.datasets.sources import START, ListSource, make_set

MOMENT = "2016-01-01T00:00:00+00:00"
NAMES = ("ham", "spam", "zeta")


def make_tied(*rows: str) -> ExampleSet:
    """Return examples of one moment, in the order in which a database gives them."""
    made = make_set(*rows, minutes=0)
    texts, names, digests = [*made.texts], [*made.classifications], [*made.digests]
    order_ties([0] * len(texts), texts, names, digests)
    return ExampleSet(texts, names, made.occurred_at, digests)


def make_dataset(ratio: float = 0.7, **options: Any) -> SpanDataset:
    return SpanDataset("2016-1-1", "2016-1-2", ratio, **options)


def split(*rows: str, ratio: float = 0.7, **options: Any) -> Split:
    return make_dataset(ratio, **options).split(ListSource(make_tied(*rows)))


def list_events(logs: Sequence[Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "log_level"} for each in logs]


def test_among_equal_times_every_class_is_tested_by_about_its_share() -> None:
    made = split(*[name for name in NAMES for _ in range(50)])

    tested = Counter(made.testing.classifications)
    assert sum(tested.values()) == 45
    assert min(tested[name] for name in NAMES) >= 7


@settings(deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=10, max_size=40), st.permutations(NAMES))
def test_which_rows_test_does_not_follow_the_names(names: list[str], renamed: list[str]) -> None:
    new = dict(zip(NAMES, renamed, strict=True))
    dataset = make_dataset(max_examples=8, duplicates="remove")

    before = dataset.select(ListSource(make_tied(*names)))
    after = dataset.select(ListSource(make_tied(*(new[name] for name in names))))

    assert after.testing.texts == before.testing.texts
    assert after.training.texts == before.training.texts


def test_a_split_among_equal_times_says_so() -> None:
    with capture_logs() as logs:
        made = split(*NAMES * 50)

    assert made.cut == Cut(START, 105, 45)
    assert describe_split(made)["ties"]["split"] == {"moment": MOMENT, "training": 105, "testing": 45}
    assert list_events(logs) == [
        {"event": "the split cuts through examples of one moment", "moment": MOMENT, "training": 105, "testing": 45}
    ]


def test_only_the_examples_of_that_moment_are_counted() -> None:
    examples = make_set(*"ababab", "a", "b", "a", "b")
    moments = [*examples.occurred_at[:4], *[examples.occurred_at[4]] * 4, *examples.occurred_at[8:]]
    tied = ExampleSet(examples.texts, examples.classifications, moments, examples.digests)

    assert [find_cut(tied, place) for place in (0, 4, 8, 10)] == [None] * 4
    assert [find_cut(tied, place) for place in (5, 7)] == [Cut(moments[4], 1, 3), Cut(moments[4], 3, 1)]
    assert make_dataset(0.5).split(ListSource(tied)).cut == Cut(moments[4], 1, 3)


@pytest.mark.parametrize(
    "dataset",
    [make_dataset(split="random"), RecentDataset(1, "2016-1-2", 0.7, split="random")],
    ids=lambda dataset: dataset.name,
)
def test_a_random_split_cuts_through_no_moment(dataset: Any) -> None:
    with capture_logs() as logs:
        made = dataset.split(ListSource(make_tied(*NAMES * 50)))

    assert (made.cut, made.removed.cut, logs) == (None, None, [])


def test_recent_examples_of_one_moment_are_cut_the_same_way() -> None:
    made = RecentDataset(1, "2016-1-2", 0.7).split(ListSource(make_tied(*NAMES * 50)))

    assert made.cut == Cut(START, 105, 45)
    assert made.testing == split(*NAMES * 50).testing


def test_the_newest_among_equal_times_are_of_every_class_and_counted() -> None:
    made = split(*[name for name in NAMES for _ in range(50)], max_examples=60, split="random")

    left = Counter([*made.training.classifications, *made.testing.classifications])
    assert min(left[name] for name in NAMES) >= 12
    assert describe_split(made)["ties"]["max_examples"] == {"moment": MOMENT, "removed": 90, "kept": 60}


def test_of_two_spans_the_newest_that_train_are_of_every_class_too() -> None:
    training, testing = make_tied(*[name for name in NAMES for _ in range(50)]), make_set(*NAMES)
    later = [moment + timedelta(days=1) for moment in testing.occurred_at]
    both = ExampleSet(
        [*training.texts, *testing.texts],
        [*training.classifications, *testing.classifications],
        [*training.occurred_at, *later],
        [*training.digests, *testing.digests],
    )
    dataset = HoldoutSpanDataset("2016-1-1", "2016-1-2", "2016-1-2", "2016-1-3", max_examples=60)

    made = dataset.split(ListSource(both))

    trained = Counter(made.training.classifications)
    assert min(trained[name] for name in NAMES) >= 12
    assert (made.cut, made.removed.cut) == (None, Cut(START, 90, 60))


def test_a_cut_of_the_newest_is_logged() -> None:
    with capture_logs() as logs:
        split(*NAMES * 50, max_examples=60, split="random")

    assert list_events(logs) == [
        {"event": "max_examples cuts through examples of one moment", "moment": MOMENT, "removed": 90, "kept": 60}
    ]


def test_of_equal_texts_of_one_moment_the_class_that_stays_is_drawn_and_counted() -> None:
    rows = [f"{name}:text {number}" for number in range(100) for name in ("ham", "spam")]

    with capture_logs() as logs:
        made = split(*rows, duplicates="remove", split="random")

    left = Counter([*made.training.classifications, *made.testing.classifications])
    assert left["ham"] + left["spam"] == 100
    assert 30 < left["ham"] < 70
    assert (made.removed.duplicates, made.removed.contradicted) == (100, 100)
    assert describe_split(made)["ties"]["contradicted_duplicates"] == 100
    assert list_events(logs) == [{"event": "duplicates of one moment have different classes", "removed": 100}]


def test_duplicates_of_another_moment_or_of_the_same_class_contradict_nothing() -> None:
    older = make_dataset(duplicates="remove").select(ListSource(make_set("a:x", "b:x", "a:y", "b:z")))
    same = split("a:x", "a:x", "b:y", "b:y", "a:z", "b:w", duplicates="remove", split="random")

    assert [(each.removed.duplicates, each.removed.contradicted) for each in (older, same)] == [(1, 0), (2, 0)]


def test_classes_that_nothing_tests_or_that_nothing_trains_are_counted() -> None:
    with capture_logs() as logs:
        made = make_dataset(0.6).split(ListSource(make_set(*"abcabcaade")))

    account = describe_split(made)
    assert (account["classes"], account["training"]["classes"], account["testing"]["classes"]) == (5, 3, 3)
    assert (account["classes_not_trained"], account["classes_not_tested"]) == (2, 2)
    assert list_events(logs) == [
        {"event": "classes missing from the training set", "classes": 5, "known": 3},
        {"event": "classes missing from the testing set", "classes": 5, "tested": 3},
    ]
