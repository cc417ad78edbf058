"""What speaks against a trained model, in a few words each; shown wherever its scores are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # commands show the meanings too, and need no numpy
    from pipeline.models.base import Model
    from pipeline.training.scores import Scores

NOT_CONVERGED: Final = "not converged"
ONE_CLASS: Final = "one class"
BELOW_MAJORITY: Final = "below majority"

MARKS: Final = {
    NOT_CONVERGED: "training ended before it was done; more iterations or a larger tolerance may give another model",
    ONE_CLASS: "it answers every testing example with the same class",
    BELOW_MAJORITY: "always answering the majority class has a higher accuracy",
}
"""What each mark means."""


def list_marks(model: "Model", scores: "Scores", answers: Sequence[str]) -> list[str]:
    """Return the marks of a model, in the order of `MARKS`.

    Args:
        model: it has been trained.
        scores: its scores on the testing set.
        answers: its answers to the testing set.
    """
    found = {
        NOT_CONVERGED: not model.converged,
        # a baseline is expected to
        ONE_CLASS: model.learns and len(answers) > 1 and len(set(answers)) == 1,
        BELOW_MAJORITY: model.learns and scores.accuracy < scores.baseline_accuracy,
    }
    return [mark for mark in MARKS if found[mark]]
