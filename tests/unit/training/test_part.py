"""The part of a training set on which definitions are tried."""

from collections import Counter

import pytest

from pipeline.datasets.folds import fold_by_time
from pipeline.training.kinds import TrainingData, make_corpus
from pipeline.training.part import choose_rows, take_part


def make_data(counts: tuple[int, int, int], *, rare: int = 3, folds: int | None = None) -> TrainingData:
    """Return examples of a frequent class and of one with `rare` examples, these first."""
    number = sum(counts)
    texts = [f"text {row}" for row in range(number)]
    return TrainingData(
        classes=["rare" if row < rare else "frequent" for row in range(number)],
        digests=[b"" for _ in texts],
        texts=make_corpus(number, lambda: texts),
        counts=counts,
        folds=None if folds is None else fold_by_time(counts[0], folds),
        account={},
    )


def test_every_class_has_its_share_and_at_least_five() -> None:
    data = make_data((1_000, 0, 10), rare=100)
    rows = data.training

    sizes = {part: Counter(data.classes[row] for row in take_part(data, rows, part, 0)) for part in (1 / 9, 1 / 81, 1)}

    assert sizes == {
        1 / 9: {"rare": 12, "frequent": 100},
        1 / 81: {"rare": 5, "frequent": 12},
        1: {"rare": 100, "frequent": 900},
    }


def test_a_class_with_few_examples_keeps_them() -> None:
    data = make_data((90, 0, 10))

    taken = take_part(data, data.training, 0.1, 0)

    assert [row for row in taken if row < 3] == [0, 1, 2]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_larger_part_contains_the_smaller_ones(seed: int) -> None:
    data = make_data((500, 0, 10))

    parts = [set(take_part(data, data.training, part, seed).tolist()) for part in (1 / 27, 1 / 9, 1 / 3)]

    assert parts[0] < parts[1] < parts[2]
    assert sorted(parts[2]) == take_part(data, data.training, 1 / 3, seed).tolist()


def test_the_seed_decides_which() -> None:
    data = make_data((500, 0, 10))

    assert take_part(data, data.training, 0.1, 0).tolist() != take_part(data, data.training, 0.1, 1).tolist()


def test_the_validation_set_compares_if_there_is_one() -> None:
    trains, asked = choose_rows(make_data((60, 20, 20)), None, 0)

    assert (trains.tolist(), asked.tolist()) == ([*range(60)], [*range(60, 80)])


def test_the_last_fold_compares_if_there_are_folds() -> None:
    trains, asked = choose_rows(make_data((60, 0, 20), folds=3), None, 0)

    assert (trains.tolist(), asked.tolist()) == ([*range(45)], [*range(45, 60)])


def test_otherwise_the_newest_sixth_of_the_training_set_compares() -> None:
    trains, asked = choose_rows(make_data((60, 0, 20)), None, 0)

    assert (trains.tolist(), asked.tolist()) == ([*range(50)], [*range(50, 60)])


def test_or_a_fifth_of_each_class_if_the_split_is_random() -> None:
    data = make_data((60, 0, 20), rare=10)

    trains, asked = choose_rows(data, 7, 0)

    assert Counter(data.classes[row] for row in asked) == {"rare": 2, "frequent": 10}
    assert sorted([*trains, *asked]) == [*range(60)]


def test_of_many_examples_two_thousand_compare() -> None:
    data = make_data((9_000, 3_000, 20), rare=9_600)

    trains, asked = choose_rows(data, None, 0)

    assert len(trains) == 9_000
    assert Counter(data.classes[row] for row in asked) == {"rare": 400, "frequent": 1_600}
    assert set(asked.tolist()) < {*range(9_000, 12_000)}
