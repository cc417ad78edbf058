"""The paired tests, which models are compared by them, and what is adjusted for the number of models."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from factories import make_answers
from pipeline.examples.answers import SealedAnswers
from pipeline.registry.significance import LEVEL, adjust, find_p_values, paired_p_value, swap_p_value
from pipeline.stores.models.leaderboard import Answers


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


def make_stored(answers: SealedAnswers, metric: str = "accuracy") -> Answers:
    return Answers(b"digest", answers.testing_set, answers.answers, metric, answers.shares)


def test_each_model_is_compared_with_its_best_where_both_have_answers() -> None:
    best, worse = make_answers("aaaaaa", "aaaaaa"), make_answers("bbbbbb", "aaaaaa")
    answers = {1: make_stored(best), 2: make_stored(worse)}

    found = find_p_values({1: 1, 2: 1, 3: 1, 4: 9}, answers, {best.testing_set: best.truths}, "accuracy")

    assert found == {1: 1.0, 2: 0.03125}


def test_two_wrong_answers_are_equally_wrong() -> None:
    one, other = make_answers("bbbbbb", "aaaaaa"), make_answers("cccccc", "aaaaaa")
    answers = {1: make_stored(one), 2: make_stored(other)}

    assert find_p_values({2: 1}, answers, {one.testing_set: one.truths}, "accuracy") == {2: 1.0}


def test_another_metric_compares_what_each_answer_adds_and_nothing_of_other_metrics() -> None:
    shares = [np.array(each, np.float32).tobytes() for each in ([0.5, 0.25, 0.25], [0.5, 0, 0])]
    sealed = [replace(make_answers("aab", "aab"), shares=each) for each in shares]
    answers = {number: make_stored(each, "macro_f1") for number, each in enumerate(sealed)}
    answers[2] = make_stored(sealed[0], "balanced_accuracy")
    truths = {sealed[0].testing_set: sealed[0].truths}

    found = find_p_values({0: 0, 1: 0, 2: 0}, answers, truths, "macro_f1")

    assert found == {0: 1.0, 1: pytest.approx(0.5, abs=0.02)}


@pytest.mark.parametrize(("only_first", "only_second"), [(5, 0), (3, 9), (10, 10), (30, 50), (80, 60), (400, 300)])
def test_the_swap_test_is_mcnemars_where_all_right_answers_add_the_same(only_first: int, only_second: int) -> None:
    first, second = make_right(only_first, only_second)

    found = swap_p_value(*(np.divide(each, len(first), dtype=np.float32) for each in (first, second)))

    exact = paired_p_value(first, second)
    assert found == pytest.approx(exact, rel=0.25, abs=0.01)


def test_the_swap_test_weighs_rare_classes_as_the_metric_does() -> None:
    common, rare = np.zeros(40, np.float32), np.zeros(10, np.float32)
    one, other = np.concatenate([common + 0.01, rare]), np.concatenate([common, rare + 0.05])

    assert swap_p_value(one, other) > 0.5
    assert swap_p_value(one, np.zeros(50, np.float32)) < 0.001


def test_of_two_models_nothing_is_adjusted() -> None:
    assert adjust(0.03, 2) == 0.03
    assert adjust(1.0, 50) == 1


@pytest.mark.parametrize("models", [3, 10, 48, 300])
def test_it_is_the_distribution_of_the_range(models: int) -> None:
    draws = np.random.default_rng(5).normal(size=(20_000, models))
    extents = np.sort(draws.max(axis=1) - draws.min(axis=1)) / np.sqrt(2)
    z_value = extents[int(0.95 * len(extents))]

    adjusted = adjust(2 * NormalDist().cdf(-z_value), models)

    assert adjusted == pytest.approx(0.05, abs=0.005)


def test_equal_models_stay_ties_though_the_best_of_them_was_looked_for() -> None:
    draw = np.random.default_rng(11)
    lost, lost_by_holm, rounds, models = 0, 0, 200, 40
    for _ in range(rounds):
        right = (draw.random((models, 300)) < 0.5 + 0.3 * draw.normal(size=300)).astype(bool)
        order = right.sum(axis=1).argsort()
        p_value = paired_p_value(right[order[0]], right[order[-1]])
        lost += adjust(p_value, models) < LEVEL
        lost_by_holm += p_value * (models - 1) < LEVEL

    assert lost / rounds < 0.08
    assert lost_by_holm / rounds > 0.15  # as if the best had been named before
