"""Examples that do not train but choose: a validation set, and the folds of a cross-validation."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from corpus import make_examples
from pipeline.datasets.folds import Folds, fold_at_random, fold_by_time
from pipeline.datasets.holdout_span_dataset import HoldoutSpanDataset
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.errors import OptionError, TrainingError
from unit.datasets.sources import ListSource, list_rows, make_set


def make_dataset(ratio: float = 0.8, **options: Any) -> SpanDataset:
    return SpanDataset("2016-1-1", "2016-1-2", ratio, **options)


def list_folds(folds: Folds) -> list[tuple[list[int], list[int]]]:
    return [(trains.tolist(), asked.tolist()) for trains, asked in folds]


def test_the_newest_of_what_would_train_choose() -> None:
    made = make_dataset(0.8, validation_ratio=0.25).split(ListSource(make_set(*"ab" * 10)))

    assert list_rows(made.training) == list_rows(make_set(*"ab" * 6))
    assert made.validation is not None
    assert [row.text for row in made.validation] == [f"text {number}" for number in range(12, 16)]
    assert [row.text for row in made.testing] == [f"text {number}" for number in range(16, 20)]


def test_each_class_is_divided_if_the_split_is_random() -> None:
    made = make_dataset(0.8, split="random", validation_ratio=0.25).split(ListSource(make_set(*"a" * 40, *"b" * 20)))

    sets = [made.training, made.validation, made.testing]
    assert [Counter(each.classifications) for each in sets if each] == [
        {"a": 24, "b": 12},
        {"a": 8, "b": 4},
        {"a": 8, "b": 4},
    ]
    assert len({row.text for each in sets if each for row in each}) == 60


def test_the_testing_set_is_the_same_with_and_without() -> None:
    source = ListSource(make_examples(90))

    for split in ("time", "random"):
        plain = make_dataset(split=split).split(source)
        for held in ({"validation_ratio": 0.2}, {"folds": 3}):
            made = make_dataset(split=split, **held).split(source)
            assert list_rows(made.testing) == list_rows(plain.testing)
    assert list_rows(make_dataset(folds=3).split(source).training) == list_rows(make_dataset().split(source).training)


def test_a_holdout_dataset_holds_the_newest_of_its_training_span_back() -> None:
    spans = ["2016-1-1", "2016-1-1T00:10", "2016-1-1T00:10", "2016-1-1T00:14"]

    made = HoldoutSpanDataset(*spans, validation_ratio=0.3).split(ListSource(make_set(*"ab" * 7)))

    assert made.validation is not None
    assert [row.text for row in made.validation] == ["text 7", "text 8", "text 9"]
    assert len(made.testing) == 4


def test_folds_by_time_train_on_what_is_older() -> None:
    assert list_folds(fold_by_time(8, 3)) == [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5]), ([0, 1, 2, 3, 4, 5], [6, 7])]


@pytest.mark.parametrize(("count", "folds"), [(3, 2), (20, 3), (101, 7), (63, 20)])
def test_folds_by_time_are_those_of_scikit_learn_up_to_how_a_rest_is_dealt(count: int, folds: int) -> None:
    from sklearn.model_selection import TimeSeriesSplit

    ours = list_folds(fold_by_time(count, folds))
    theirs = [*TimeSeriesSplit(folds).split(np.zeros(count))]

    assert len(ours) == len(theirs) == folds
    for (trains, asked), (_, other) in zip(ours, theirs, strict=True):
        assert trains == [*range(asked[0])]
        assert abs(len(asked) - len(other)) <= 1 + count % (folds + 1)
    sizes = [len(asked) for _, asked in ours]
    assert max(sizes) - min(sizes) <= 1
    assert ours[-1][1][-1] == count - 1


def test_folds_at_random_hold_each_example_once_and_each_class_in_its_share() -> None:
    names = [*"a" * 50, *"b" * 25, *"c" * 3]
    draws = [number.to_bytes(2) for number in np.random.default_rng(3).permutation(len(names)).tolist()]

    folds = fold_at_random(names, draws, 5)

    counts = [Counter(names[row] for row in asked) for _, asked in folds]
    assert [count["a"] for count in counts] == [10] * 5
    assert [count["b"] for count in counts] == [5] * 5
    assert sorted(count["c"] for count in counts) == [0, 0, 1, 1, 1]
    for trains, asked in folds:
        assert sorted([*trains.tolist(), *asked.tolist()]) == [*range(len(names))]
    assert folds.answered.tolist() == [*range(len(names))]


def test_classes_smaller_than_the_number_of_folds_are_spread() -> None:
    names = [name for name in "abcdefghij" for _ in range(2)]
    draws = [number.to_bytes(1) for number in range(len(names))]

    sizes = [len(asked) for _, asked in fold_at_random(names, draws, 5)]

    assert max(sizes) - min(sizes) <= 2


def test_equal_texts_of_a_class_are_in_one_fold() -> None:
    rows = [f"{name}:{name} {number % 10}" for name in "ab" for number in range(30)]

    made = make_dataset(0.99, split="random", folds=5).split(ListSource(make_set(*rows)))

    assert made.folds is not None
    numbers: dict[str, set[int]] = {}
    for row, number in zip(made.training, made.folds.numbers.tolist(), strict=True):
        numbers.setdefault(row.text, set()).add(number)
    cut = sum(len(found) > 1 for found in numbers.values())
    assert cut <= 8  # of twenty: a class of thirty is cut four times


def test_both_ways_at_once_are_refused() -> None:
    with pytest.raises(OptionError, match=r"validation_ratio \(0.2\) and folds \(3\) are two ways"):
        make_dataset(folds=3, validation_ratio=0.2)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"validation_ratio": 0.01}, "validation_ratio holds back no example; at least one; widen the span"),
        ({"folds": 20}, "fold 1 of 20 has 1 examples to train on (classes: 1) and 0 to answer"),
        ({"folds": 20}, "choose fewer folds"),
        ({"validation_ratio": 0.99}, "lower validation_ratio"),
    ],
)
def test_too_little_to_choose_by_is_refused_before_anything_is_fitted(options: dict[str, Any], what: str) -> None:
    with pytest.raises(TrainingError) as caught:
        make_dataset(**options).split(ListSource(make_set(*"ab" * 6)))

    assert what in str(caught.value)


def test_a_fold_of_one_class_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"fold 1 of 2 has 8 examples to train on \(classes: 1\) and 8 to answer"):
        make_dataset(0.9, folds=2).split(ListSource(make_set(*"a" * 12, *"b" * 15)))


def test_labels_of_datasets_that_hold_nothing_back_stay() -> None:
    plain = make_dataset()

    assert "validation_ratio" not in plain.canonical
    assert "folds" not in plain.canonical
    assert make_dataset(folds=None, validation_ratio=None).canonical == plain.canonical
    assert make_dataset(folds=5).canonical != plain.canonical
