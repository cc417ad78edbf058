"""How good a classifier is, computed from its answers to the testing set."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

from pipeline.errors import TrainingError

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class, 0 where undefined; `support` is the number of testing examples of this class."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """Scores on one testing set.

    Attributes:
        accuracy: share of the testing set that was classified correctly.
        accuracy_interval: 95 % confidence interval of the accuracy, after Wilson.
        macro_f1: mean F1 over the classes that occur in the testing set or among the answers.
        balanced_accuracy: mean recall over the classes that occur in the testing set.
        baseline_accuracy: accuracy of always answering the training set's most frequent class; if several classes are
            equally frequent, the mean over them.
        testing_count: number of testing examples.
        classes: every class of the training set, the testing set or the answers, sorted.
        per_class: scores by class.
        confusion_matrix: number of testing examples by class (row) and answer (column), in the order of `classes`.
        marks: warnings about the model, see `marks.py`.
        log_loss: mean negative logarithm of the right class's probability; None unless the plan ranks models by it.
        validation: the scores by which models are chosen, see `validate.py`; None if the testing set chooses.
    """

    accuracy: float
    accuracy_interval: list[float]
    macro_f1: float
    balanced_accuracy: float
    baseline_accuracy: float
    testing_count: int
    classes: list[str]
    per_class: dict[str, ClassScores]
    confusion_matrix: list[list[int]]
    marks: list[str] = field(default_factory=list)
    log_loss: float | None = None
    validation: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as JSON values; its lists belong to this object and must not be changed."""
        # `asdict` would copy the matrix number by number, which takes seconds for a thousand classes
        given = {name: value for name, value in vars(self).items() if value is not None}
        return given | {"per_class": {name: asdict(each) for name, each in self.per_class.items()}}


def score(
    training: Sequence[str],
    testing: Sequence[str],
    answers: Sequence[str],
    log_loss: float | None = None,
    known: Sequence[str] = (),
) -> Scores:
    """Score a classifier's answers.

    Args:
        training: the classes of the training set's examples.
        testing: the classes of the testing set's examples.
        answers: the classes that the classifier gave the testing set, in the same order.
        log_loss: of its probabilities; None if it is not wanted.
        known: further classes that the classifier can answer. Together there are at least two classes.

    Raises:
        TrainingError: the testing set or the training set is empty.
    """
    if not len(testing) or not len(training):
        raise TrainingError("scores", "no examples to score on", "at least one for training and for testing")
    from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

    accuracy = share_right(testing, answers)
    classes = sorted({*training, *testing, *answers, *known})
    numbers = {name: number for number, name in enumerate(classes)}
    # by number, because numpy drops NUL characters at the end of a name
    truths, answered = ([numbers[name] for name in names] for names in (testing, answers))
    places = range(len(classes))
    columns = precision_recall_fscore_support(truths, answered, labels=places, zero_division=0)
    rows = [*zip(*(column.tolist() for column in columns), strict=True)]
    recalls = [recall for _, recall, _, support in rows if support]
    return Scores(
        accuracy=accuracy,
        accuracy_interval=wilson_interval(accuracy, len(testing)),
        macro_f1=float(f1_score(truths, answered, average="macro", zero_division=0)),
        balanced_accuracy=sum(recalls) / len(recalls),
        baseline_accuracy=share_of_majority(training, testing),
        testing_count=len(testing),
        classes=classes,
        per_class={name: ClassScores(*row) for name, row in zip(classes, rows, strict=True)},
        confusion_matrix=confusion_matrix(truths, answered, labels=places).tolist(),
        log_loss=log_loss,
    )


def share_right(truths: Sequence[str], answers: Sequence[str]) -> float:
    """Return the share of correct answers."""
    return sum(answer == truth for answer, truth in zip(answers, truths, strict=True)) / len(truths)


def share_of_majority(training: Sequence[str], truths: Sequence[str]) -> float:
    """Return the share of the testing set that is of the training set's most frequent class.

    If several classes are equally frequent, it is the mean over them: choosing one would depend on the names of
    classes, and renaming a class must not change a model's gain.
    """
    counts = Counter(training)
    most = max(counts.values())
    majority = {name for name, count in counts.items() if count == most}
    return sum(truth in majority for truth in truths) / len(majority) / len(truths)


def wilson_interval(share: float, count: int) -> list[float]:
    """Return the 95 % score interval of a share that was observed in `count` trials, lower bound first.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    weight = _Z**2 / count
    centre = share + weight / 2
    margin = _Z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return [max(0.0, (centre - margin) / (1 + weight)), min(1.0, (centre + margin) / (1 + weight))]
