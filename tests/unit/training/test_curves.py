"""Curves of probabilities, against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_score, recall_score

from pipeline.training.curves import BINS, MOST_CLASSES, describe_curves


def draw(examples: int, classes: int) -> tuple[list[str], list[str], list[str], np.ndarray]:
    """Return truths that follow the probabilities, answers, classes and probabilities."""
    random = np.random.default_rng(3)
    names = [f"class {number}" for number in range(classes)]
    probabilities = random.dirichlet(np.full(classes, 0.4), examples)
    truths = [names[random.choice(classes, p=row)] for row in probabilities]
    return truths, [names[place] for place in probabilities.argmax(axis=1)], names, probabilities


def test_average_precision_is_that_of_scikit_learn() -> None:
    truths, answers, names, probabilities = draw(400, 4)

    curves = describe_curves(truths, answers, names, probabilities)["precision_recall"]

    for place, name in enumerate(names):
        expected = average_precision_score([truth == name for truth in truths], probabilities[:, place])
        assert curves[name]["average_precision"] == pytest.approx(expected, abs=1e-4)


def test_each_point_is_what_its_threshold_gives() -> None:
    truths, answers, names, probabilities = draw(150, 3)

    points = describe_curves(truths, answers, names, probabilities)["precision_recall"]["class 1"]["points"]

    is_class = np.array([truth == "class 1" for truth in truths])
    recalls = [recall for recall, _, _ in points]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1
    assert 10 < len(points) <= 33
    for recall, precision, threshold in points:
        taken = probabilities[:, 1] >= threshold - 1e-4
        assert recall == pytest.approx(recall_score(is_class, taken), abs=0.03)
        assert precision == pytest.approx(precision_score(is_class, taken), abs=0.03)


def test_reliability_groups_answers_by_how_sure_they_are() -> None:
    probabilities = np.array([[0.9, 0.1], [0.96, 0.04], [0.3, 0.7], [0.45, 0.55], [1.0, 0.0]])

    curves = describe_curves(["a", "b", "b", "b", "a"], ["a", "a", "b", "b", "a"], ["a", "b"], probabilities)

    assert curves["reliability"] == [
        {"count": 1, "confidence": 0.55, "accuracy": 1.0},
        {"count": 1, "confidence": 0.7, "accuracy": 1.0},
        {"count": 3, "confidence": 0.9533, "accuracy": 0.6667},
    ]
    assert curves["calibration_error"] == pytest.approx((0.45 + 0.3 + 3 * (0.95333 - 0.66667)) / 5, abs=1e-4)


def test_probabilities_that_truths_follow_are_reliable() -> None:
    curves = describe_curves(*draw(20_000, 5))

    assert curves["calibration_error"] < 0.02
    assert sum(each["count"] for each in curves["reliability"]) == 20_000
    assert len(curves["reliability"]) <= BINS


def test_a_class_that_the_model_does_not_know_has_no_curve() -> None:
    probabilities = np.array([[0.5, 0.5], [0.2, 0.8]])

    curves = describe_curves(["a", "unknown"], ["a", "b"], ["a", "b"], probabilities)

    assert [*curves["precision_recall"]] == ["a"]


def test_of_many_classes_the_most_frequent_have_a_curve() -> None:
    truths, answers, names, probabilities = draw(2_000, MOST_CLASSES + 20)

    curves = describe_curves(truths, answers, names, probabilities)["precision_recall"]

    counts = {name: truths.count(name) for name in names}
    assert len(curves) == MOST_CLASSES
    assert min(counts[name] for name in curves) >= max(counts[name] for name in names if name not in curves)


def test_curves_are_json() -> None:
    curves = describe_curves(*draw(60, 3))

    assert json.loads(json.dumps(curves)) == curves
