"""Marks: short warnings about a trained model, shown wherever its scores are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # commands show the meanings too, and should not import numpy for that
    from pipeline.models.base import Model
    from pipeline.training.scores import Scores

NOT_CONVERGED: Final = "not converged"
ONE_CLASS: Final = "one class"
BELOW_MAJORITY: Final = "below majority"
UNKNOWN_CLASSES: Final = "unknown classes"
PERHAPS_TRAINED: Final = "perhaps trained on"

MARKS: Final = {
    NOT_CONVERGED: "training stopped before it converged; more iterations or a larger tolerance may give another model",
    ONE_CLASS: "it gives every testing example the same class",
    BELOW_MAJORITY: "always answering the majority class has a higher accuracy",
    UNKNOWN_CLASSES: "some examples are of classes that it was not trained on, so its answers to them are wrong",
    PERHAPS_TRAINED: "some examples may have trained it, as they are of the span of its training set: it may know them",
}
"""What each mark means; the last two are of evaluations only."""


def list_marks(model: "Model", scores: "Scores", answers: Sequence[str]) -> list[str]:
    """Return the marks of a model, in the order of `MARKS`.

    Args:
        model: a trained model.
        scores: its scores on the testing set.
        answers: the classes that it gave the testing set.
    """
    found = {
        NOT_CONVERGED: not model.converged,
        # a baseline does so on purpose
        ONE_CLASS: model.learns and len(answers) > 1 and len(set(answers)) == 1,
        BELOW_MAJORITY: model.learns and scores.accuracy < scores.baseline_accuracy,
    }
    return [mark for mark in MARKS if found.get(mark)]
