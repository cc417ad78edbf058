"""The exact McNemar test, and which models are compared by it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from factories import make_answers
from pipeline.registry.significance import find_ties, paired_p_value


def make_right(only_first: int, only_second: int, both: int = 3, neither: int = 2) -> list[NDArray[np.bool_]]:
    """Return what two models have right, so many of each kind."""
    counts = (only_first, only_second, both, neither)
    return [np.repeat(flags, counts) for flags in ([True, False, True, False], [False, True, True, False])]


@pytest.mark.parametrize(
    ("only_first", "only_second"),
    [(1, 0), (1, 1), (5, 0), (0, 6), (6, 0), (3, 9), (10, 10), (40, 60), (1, 100), (700, 600), (0, 2_000)],
)
def test_it_is_twice_the_tail_of_the_binomial_distribution(only_first: int, only_second: int) -> None:
    expected = binomtest(only_first, only_first + only_second).pvalue

    first, second = make_right(only_first, only_second)

    assert paired_p_value(first, second) == pytest.approx(expected, rel=1e-9)
    assert paired_p_value(second, first) == paired_p_value(first, second)


def test_equal_models_have_a_p_value_of_one() -> None:
    assert paired_p_value(*make_right(0, 0)) == 1
    assert paired_p_value(*make_right(0, 0, both=0, neither=0)) == 1


def test_it_is_never_above_one() -> None:
    assert all(paired_p_value(*make_right(count, count)) == 1 for count in range(1, 60))


def test_what_both_have_right_or_wrong_does_not_matter() -> None:
    few, many = make_right(3, 9), make_right(3, 9, both=500, neither=90)

    assert paired_p_value(*few) == paired_p_value(*many)


def test_each_model_is_compared_with_its_best_where_both_have_answers() -> None:
    best, worse = make_answers("aaaaaa", "aaaaaa"), make_answers("bbbbbb", "aaaaaa")
    answers = {1: (best.testing_set, best.answers), 2: (worse.testing_set, worse.answers)}

    found = find_ties({1: 1, 2: 1, 3: 1, 4: 9}, answers, {best.testing_set: best.truths})

    assert found == {1: 1.0, 2: 0.03125}


def test_two_wrong_answers_are_equally_wrong() -> None:
    one, other = make_answers("bbbbbb", "aaaaaa"), make_answers("cccccc", "aaaaaa")
    answers = {1: (one.testing_set, one.answers), 2: (other.testing_set, other.answers)}

    assert find_ties({2: 1}, answers, {one.testing_set: one.truths}) == {2: 1.0}
