"""The contract of a dataset."""

from abc import abstractmethod
from typing import NamedTuple

import structlog

from pipeline.components import Component
from pipeline.errors import TrainingError
from pipeline.examples.example import ExampleSet, ExampleSource, Selection

logger = structlog.get_logger(__name__)


class Split(NamedTuple):
    """A training set and a testing set; no example is in both."""

    training: ExampleSet
    testing: ExampleSet


class Dataset(Component):
    """Picks examples and splits them into a training set and a testing set."""

    @property
    @abstractmethod
    def selections(self) -> tuple[Selection, ...]:
        """All that `select` fetches. A plan in which one of them holds no example is refused."""

    @abstractmethod
    def select(self, source: ExampleSource) -> Split:
        """Fetch this dataset's examples from `source` and split them, the same way every time.

        Raises:
            TrainingError: no examples at all.
        """

    def split(self, source: ExampleSource) -> Split:
        """Return the selected training set and testing set, fit to train and to test on.

        Raises:
            TrainingError: no examples, too few to have both sets, one class only, or fewer than classes.
        """
        selected = self.select(source)
        require_trainable(selected, self.name)
        return selected


def require_trainable(split: Split, where: str) -> None:
    """Refuse a split that no classifier can be trained and tested on, before anything is fitted.

    Raises:
        TrainingError: a set is empty, the training set is of one class or of fewer examples than classes.
    """
    training, testing = split
    next_step = "widen the span, or change training_ratio"
    if not len(training) or not len(testing):
        raise TrainingError(
            where,
            f"{len(training) + len(testing)} examples split into {len(training)} for training "
            f"and {len(testing)} for testing",
            "at least one in each",
            next_step,
        )
    require_classes(training, where)
    classes, known = {*training.classifications, *testing.classifications}, set(training.classifications)
    if len(training) < len(classes):
        raise TrainingError(
            where,
            f"{len(training)} training examples for {len(classes)} classes",
            "at least one example a class",
            next_step,
        )
    if len(known) < len(classes):
        logger.warning("classes missing from the training set", classes=len(classes), known=len(known))


def require_classes(training: ExampleSet, where: str) -> None:
    """Refuse a training set that does not hold two classes.

    Raises:
        TrainingError: no example, or all of one class.
    """
    classes = len(set(training.classifications))
    if classes < 2:
        raise TrainingError(
            where,
            f"{len(training)} training examples of {classes} class{'es' * (classes == 0)}",
            "at least two classes",
            "choose a span whose oldest part holds examples of another class",
        )
