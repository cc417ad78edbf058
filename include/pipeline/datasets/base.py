"""The contract of a dataset."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.components import Component
from pipeline.datasets.cuts import Cut
from pipeline.datetimes import canonical_datetime
from pipeline.errors import TrainingError
from pipeline.examples.example import ExampleSet, ExampleSource, Selection
from pipeline.log import get_logger

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of the selected examples neither train nor test, and why; with those that do they are all."""

    other_classes: int = 0
    """Of a class that is not among the chosen ones."""
    duplicates: int = 0
    """With the text of an older example."""
    older: int = 0
    """Older than the newest that were wanted."""
    small_classes: int = 0
    """Of a class with too few examples."""
    left_out_classes: int = 0
    """Not examples, but how many such classes there are."""
    contradicted: int = 0
    """Not further examples, but how many of the duplicates have the moment of the one that stays and another class."""
    cut: Cut | None = None
    """Where the newest that were wanted begin, if that is among examples of one moment."""


class Shared(NamedTuple):
    """How many texts stand in both sets, and how many testing examples have one of them."""

    texts: int
    testing_examples: int


class Classes(NamedTuple):
    """How many classes the training set and the testing set have together, and how many each of them."""

    both: int
    training: int
    testing: int

    @property
    def not_trained(self) -> int:
        """How many only test: every answer to their examples is wrong."""
        return self.both - self.training

    @property
    def not_tested(self) -> int:
        """How many only train: no score tells of them."""
        return self.both - self.testing


@dataclass(frozen=True)
class Split:
    """A training set and a testing set, no example in both, and what was removed before.

    `cut` is where a split by time parts the two, if that is among examples of one moment.
    """

    training: ExampleSet
    testing: ExampleSet
    removed: Removed = Removed()
    cut: Cut | None = None

    @cached_property
    def shared(self) -> Shared:
        """What the testing set asks that the training set has told word for word."""
        trained = set(self.training.texts)
        tested = [text for text in self.testing.texts if text in trained]
        return Shared(len(set(tested)), len(tested))

    @cached_property
    def classes(self) -> Classes:
        """How many classes both sets have together, and each by itself."""
        trained, tested = set(self.training.classifications), set(self.testing.classifications)
        return Classes(len(trained | tested), len(trained), len(tested))


class Dataset(Component):
    """Picks examples and splits them into a training set and a testing set."""

    @property
    @abstractmethod
    def selections(self) -> tuple[Selection, ...]:
        """All that `select` fetches. A plan in which one of them holds no example is refused.

        They, the definition and nothing else decide the split: models are reused where these are the same.
        """

    @abstractmethod
    def select(self, source: ExampleSource) -> Split:
        """Fetch this dataset's examples from `source` and split them, the same way every time.

        Raises:
            TrainingError: no examples at all.
        """

    @property
    def remedies(self) -> tuple[str, ...]:
        """What a person can do where the sets are too small or of one class: `widen the span`."""
        return ("select more examples",)

    def split(self, source: ExampleSource) -> Split:
        """Return the selected training set and testing set, fit to train and to test on.

        Raises:
            TrainingError: no examples, too few to have both sets, one class only, or fewer than classes.
        """
        selected = self.select(source)
        *others, last = self.remedies
        require_trainable(selected, self.name, f"{', '.join(others)} or {last}" if others else last)
        _warn(selected)
        return selected

    def fetch(self, source: ExampleSource, selection: Selection) -> ExampleSet:
        """Return the examples of a selection.

        Raises:
            TrainingError: it holds none.
        """
        examples = source.fetch(selection)
        if not len(examples):
            start, end = (canonical_datetime(each.isoformat()) for each in (selection.start, selection.end))
            raise TrainingError(
                self.name,
                f"collection {selection.collection!r} holds no examples from {start} up to {end}",
                next_step="see what it holds with `pipeline examples stats`",
            )
        return examples


def require_trainable(split: Split, where: str, next_step: str) -> None:
    """Refuse a split that no classifier can be trained and tested on, before anything is fitted.

    Raises:
        TrainingError: a set is empty, the training set is of one class or of fewer examples than classes.
    """
    training, testing = split.training, split.testing
    if not len(training) or not len(testing):
        raise TrainingError(
            where,
            f"{len(training) + len(testing)} examples split into {len(training)} for training "
            f"and {len(testing)} for testing{_tell_removed(split.removed)}",
            "at least one in each",
            next_step,
        )
    require_classes(training, where, next_step)
    if len(training) < split.classes.both:
        raise TrainingError(
            where,
            f"{len(training)} training examples for {split.classes.both} classes",
            "at least one example a class",
            next_step,
        )


def _tell_removed(removed: Removed) -> str:
    """Return how many examples were removed before the split, as the end of a sentence."""
    counts = {
        "of other classes": removed.other_classes,
        "with the text of an older one": removed.duplicates,
        "older than the newest wanted": removed.older,
        "of too small classes": removed.small_classes,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return f"; removed before: {told}" if told else ""


def _warn(split: Split) -> None:
    """Log what makes scores say less than they seem to, in counts: neither a text nor the name of a class."""
    classes, removed = split.classes, split.removed
    if classes.not_trained:
        logger.warning("classes missing from the training set", classes=classes.both, known=classes.training)
    if classes.not_tested:
        logger.warning("classes missing from the testing set", classes=classes.both, tested=classes.testing)
    if cut := split.cut:
        moment = cut.moment.isoformat()
        logger.warning(
            "the split cuts through examples of one moment", moment=moment, training=cut.older, testing=cut.newer
        )
    if cut := removed.cut:
        moment = cut.moment.isoformat()
        logger.warning(
            "max_examples cuts through examples of one moment", moment=moment, removed=cut.older, kept=cut.newer
        )
    if removed.contradicted:
        logger.warning("duplicates of one moment have different classes", removed=removed.contradicted)
    if split.shared.texts:
        logger.warning("texts that train are tested too", **split.shared._asdict())


def require_classes(
    training: ExampleSet, where: str, next_step: str = "choose a span that holds examples of another class"
) -> None:
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
            next_step,
        )
