"""The random split: each class by itself, the same on every machine, whatever order the examples come in."""

import hashlib
from collections import Counter
from typing import Any

import pytest

from corpus import make_examples
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.datasets.split import Split
from pipeline.datasets.splitting import split_at_random
from pipeline.errors import OptionError
from unit.datasets.sources import ListSource, list_rows, make_set


def make_dataset(ratio: float = 0.8, **options: Any) -> SpanDataset:
    return SpanDataset("2016-1-1", "2016-1-2", ratio, **({"split": "random"} | options))


def split(*rows: str, ratio: float = 0.8, seed: int = 0) -> Split:
    return Split(*split_at_random(make_set(*rows), ratio, seed))


@pytest.mark.parametrize(
    ("count", "ratio", "training"),
    [(1, 0.1, 1), (2, 0.1, 1), (2, 0.99, 1), (3, 0.99, 2), (10, 0.75, 8), (10, 0.01, 1), (1000, 0.333, 333)],
)
def test_every_class_of_two_or_more_has_its_share_in_both_sets(count: int, ratio: float, training: int) -> None:
    made = split(*"a" * count, *"b" * 50, ratio=ratio)

    trained, tested = Counter(made.training.classifications), Counter(made.testing.classifications)
    assert (trained["a"], tested["a"]) == (training, count - training)
    assert trained["b"] + tested["b"] == 50


def test_both_sets_are_oldest_first_and_hold_every_example_once() -> None:
    examples = make_examples(90)

    made = make_dataset().split(ListSource(examples))

    for part in (made.training, made.testing):
        assert list(part.occurred_at) == sorted(part.occurred_at)
    assert sorted([*made.training.digests, *made.testing.digests]) == sorted(examples.digests)
    assert made.testing.occurred_at[0] < made.training.occurred_at[-1]


def test_another_seed_splits_otherwise() -> None:
    rows = [*"ab" * 20]

    drawn = [list_rows(split(*rows, seed=seed).testing) for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_what_is_drawn_is_the_same_everywhere() -> None:
    made = split(*"abc" * 30, seed=7)

    assert hashlib.sha256("".join(list_rows(made.testing)).encode()).hexdigest()[:12] == "995f3d643ce4"


def test_the_order_in_which_examples_come_changes_nothing() -> None:
    rows = [f"{'ab'[number % 2]}:{number}" for number in range(40)]

    one, other = split(*rows), split(*reversed(rows))

    assert sorted(list_rows(one.testing)) == sorted(list_rows(other.testing))


def test_examples_that_are_added_leave_those_of_other_classes_where_they_were() -> None:
    rows = [f"{'ab'[number % 2]}:{number}" for number in range(40)]

    before, after = split(*rows), split(*rows, "c:new", "c:newer")

    assert set(list_rows(before.testing)) < set(list_rows(after.testing))


def test_equal_texts_of_a_class_stay_on_one_side_but_for_one_cut() -> None:
    rows = [f"{'ab'[number % 2]}:{number % 10}" for number in range(60)]

    made = split(*rows, ratio=0.5)

    assert made.shared.texts <= 2


def test_every_example_is_drawn_about_as_often_as_the_others() -> None:
    rows = [*"a" * 20, *"b" * 20]

    drawn = Counter(row for seed in range(200) for row in list_rows(split(*rows, ratio=0.5, seed=seed).testing))

    assert len(drawn) == 40
    assert 70 < min(drawn.values()) <= max(drawn.values()) < 130


def test_the_seed_means_nothing_while_the_split_is_by_time() -> None:
    source = ListSource(make_examples(90))
    by_time, at_random = ([make_dataset(split=way, split_seed=seed) for seed in (0, 1)] for way in ("time", "random"))

    assert by_time[0].effective == by_time[1].effective
    assert by_time[0].split(source) == by_time[1].split(source)
    assert at_random[0].effective != at_random[1].effective
    assert at_random[0].split(source) != at_random[1].split(source)


@pytest.mark.parametrize("options", [{"split": "shuffle"}, {"split_seed": -1}, {"split_seed": 2**32}], ids=str)
def test_another_way_to_split_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        make_dataset(**options)
