"""What speaks against a model."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.models.scikit_model_majority import ScikitModelMajority
from pipeline.registry import pages
from pipeline.training.marks import MARKS, list_marks
from pipeline.training.scores import score

TRAINING = ["a", "a", "b"]


@pytest.mark.parametrize(
    ("answers", "testing", "expected"),
    [
        ("abab", "abab", []),
        ("aaab", "aabb", []),
        ("aaaa", "aabb", ["one class"]),
        ("bbbb", "aaab", ["one class", "below majority"]),
        ("bbaa", "aaab", ["below majority"]),
        ("aaaa", "aaaa", ["one class"]),  # right by luck: nothing shows that it can tell classes apart
        ("a", "a", []),  # one example has one answer
    ],
)
def test_answers_are_judged(answers: str, testing: str, expected: list[str]) -> None:
    model = ScikitModelLogisticRegression()

    assert list_marks(model, score(TRAINING, [*testing], [*answers]), [*answers]) == expected


def test_a_baseline_may_answer_one_class() -> None:
    assert list_marks(ScikitModelMajority(), score(TRAINING, ["a", "b"], ["a", "a"]), ["a", "a"]) == []


@pytest.mark.parametrize(("max_iter", "expected"), [(1, ["not converged"]), (1000, [])])
def test_a_training_that_ended_before_it_was_done_is_marked(max_iter: int, expected: list[str]) -> None:
    features = np.array([[0, 1], [1, 1], [3, 0.5], [4, 0]], dtype=np.float32)
    model = ScikitModelLogisticRegression(max_iter=max_iter).fit(features, ["a", "a", "b", "b"])

    assert list_marks(model, score(TRAINING, ["a", "b"], ["a", "b"]), ["a", "b"]) == expected


def test_the_pages_tell_the_same_meanings() -> None:
    script = (Path(pages.__file__).parent / "common.js").read_text()

    assert all(f'"{mark}": "{meaning}"' in script for mark, meaning in MARKS.items())
