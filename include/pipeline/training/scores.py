"""How good a classifier is, from what it answered on the testing set."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TrainingError

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class ClassScores:
    """One class's scores; `support` is how many testing examples are of this class. 0 where undefined."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """Scores on one testing set.

    Attributes:
        accuracy: share of the testing set that was answered right.
        accuracy_interval: 95 % confidence interval of the accuracy, after Wilson.
        macro_f1: mean F1 over the classes that occur among the truths or the answers.
        baseline_accuracy: accuracy of always answering the training set's most frequent class; where several are, what
            answering one of them comes to on average.
        testing_count: how many examples were answered.
        classes: every class of the training or testing set, or among the answers, sorted.
        per_class: scores by class.
        confusion_matrix: counts by true class (row) and answered class (column), both in the order of `classes`.
        marks: what speaks against the model, see `marks.py`.
    """

    accuracy: float
    accuracy_interval: list[float]
    macro_f1: float
    baseline_accuracy: float
    testing_count: int
    classes: list[str]
    per_class: dict[str, ClassScores]
    confusion_matrix: list[list[int]]
    marks: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as JSON values."""
        return asdict(self)


def score(training: Sequence[str], testing: Sequence[str], answers: Sequence[str]) -> Scores:
    """Score a classifier's answers.

    Args:
        training: the training set's classes.
        testing: the testing set's classes, the truth.
        answers: what the classifier answered to the testing set, in the same order.

    Raises:
        TrainingError: the testing set or the training set is empty.
    """
    if not len(testing) or not len(training):
        raise TrainingError("scores", "no examples to score on", "at least one for training and for testing")
    truths, answered = list(testing), list(answers)
    accuracy = share_right(truths, answered)
    classes = sorted({*training, *truths, *answered})
    matrix = _count_pairs(truths, answered, classes)
    right, true, found = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = _divide(2 * right, true + found)
    columns = (_divide(right, found), _divide(right, true), f1, true)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Scores(
        accuracy=accuracy,
        accuracy_interval=wilson_interval(accuracy, len(truths)),
        macro_f1=float(f1[true + found > 0].mean()),
        baseline_accuracy=share_of_majority(training, truths),
        testing_count=len(truths),
        classes=classes,
        per_class={name: ClassScores(*row) for name, row in zip(classes, rows, strict=True)},
        confusion_matrix=matrix.tolist(),
    )


def _count_pairs(truths: Sequence[str], answers: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return how often each class (row) was answered as each class (column), both in the order of `classes`."""
    numbers = {name: number for number, name in enumerate(classes)}
    pairs = [numbers[truth] * len(classes) + numbers[answer] for truth, answer in zip(truths, answers, strict=True)]
    return np.bincount(pairs, minlength=len(classes) ** 2).reshape(len(classes), len(classes))


def _divide(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the shares, 0 of nothing."""
    return np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes > 0)


def share_right(truths: Sequence[str], answers: Sequence[str]) -> float:
    """Return the share of answers that equal the truth."""
    return sum(answer == truth for answer, truth in zip(answers, truths, strict=True)) / len(truths)


def share_of_majority(training: Sequence[str], truths: Sequence[str]) -> float:
    """Return the share of truths that are the most frequent class in training: the mean of it where several are.

    One of the several would have to be chosen by its name, and a class that is renamed must not change a model's gain.
    """
    counts = Counter(training)
    most = max(counts.values())
    majority = {name for name, count in counts.items() if count == most}
    return sum(truth in majority for truth in truths) / len(majority) / len(truths)


def wilson_interval(share: float, count: int) -> list[float]:
    """Return the 95 % score interval of a share observed among `count`, its low end first.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    weight = _Z**2 / count
    centre = share + weight / 2
    margin = _Z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return [max(0.0, (centre - margin) / (1 + weight)), min(1.0, (centre + margin) / (1 + weight))]
