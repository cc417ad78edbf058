"""Scores against values worked out by hand."""

import json
from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TrainingError
from pipeline.training.scores import score, wilson_interval

TRAINING = ["a", "a", "b", "c"]
TESTING = ["a", "a", "b", "b"]
ANSWERS = ["a", "b", "b", "b"]


def test_scores_are_what_they_are_by_hand() -> None:
    scores = score(TRAINING, TESTING, ANSWERS)

    assert scores.accuracy == 0.75
    assert scores.baseline_accuracy == 0.5
    assert scores.testing_count == 4
    assert scores.per_class["a"].precision == 1
    assert scores.per_class["a"].recall == 0.5
    assert scores.per_class["b"].precision == pytest.approx(2 / 3)
    assert scores.per_class["b"].f1 == pytest.approx(0.8)
    assert scores.per_class["b"].support == 2
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)


NAMES = st.sampled_from(["a", "b", "b\0", "é", "\u4e16"])


@given(st.lists(NAMES), st.lists(st.tuples(NAMES, NAMES), min_size=1))
def test_scores_are_their_definitions(others: list[str], pairs: list[tuple[str, str]]) -> None:
    counts = Counter(pairs)
    true, found = Counter(truth for truth, _ in pairs), Counter(answer for _, answer in pairs)

    scores = score(["a", "b", *others], [truth for truth, _ in pairs], [answer for _, answer in pairs])

    for name, of_class in scores.per_class.items():
        right = counts[name, name]
        assert of_class.support == true[name]
        assert of_class.precision == (right / found[name] if found[name] else 0)
        assert of_class.recall == (right / true[name] if true[name] else 0)
        assert of_class.f1 == (2 * right / (true[name] + found[name]) if true[name] + found[name] else 0)
    met = [scores.per_class[name].f1 for name in scores.classes if true[name] + found[name]]
    assert scores.classes == sorted({"a", "b", *others, *true, *found})
    assert scores.macro_f1 == pytest.approx(fmean(met), rel=1e-12)
    assert scores.confusion_matrix == [[counts[row, column] for column in scores.classes] for row in scores.classes]


def test_the_matrix_has_every_class_true_in_rows_answered_in_columns() -> None:
    scores = score(TRAINING, TESTING, ANSWERS)

    assert scores.classes == ["a", "b", "c"]
    assert scores.confusion_matrix == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert scores.per_class["c"].support == 0


def test_a_class_that_was_not_trained_counts_as_wrong() -> None:
    scores = score(["a", "b"], ["z", "a"], ["a", "a"])

    assert scores.accuracy == 0.5
    assert scores.per_class["z"].recall == 0


def test_the_baseline_is_the_training_sets_majority_not_the_testing_sets() -> None:
    assert score(["a", "a", "b"], ["b", "b", "b"], ["b", "b", "b"]).baseline_accuracy == 0


@pytest.mark.parametrize("named", ["abc", "bca", "cab"])
def test_of_equally_frequent_classes_no_name_decides_the_baseline(named: str) -> None:
    training, testing = ([named["abc".index(name)] for name in names] for names in ("aabbc", "aaabccbb"))

    assert score(training, testing, testing).baseline_accuracy == 3 / 8  # of 3/8 and 3/8, not of the rarer third
    assert score(training, testing[:4], testing[:4]).baseline_accuracy == 0.5  # of 3/4 and 1/4


# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(successes: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(successes / count, count) == pytest.approx([low, high], abs=5e-5)


def test_the_scores_are_json() -> None:
    scores = score(TRAINING, TESTING, ANSWERS).to_dict()

    assert json.loads(json.dumps(scores, allow_nan=False)) == scores
    assert len(scores["accuracy_interval"]) == 2


def test_nothing_to_score_on_is_refused() -> None:
    with pytest.raises(TrainingError, match="no examples to score on"):
        score(["a", "b"], [], [])
