"""The contract of a dataset."""

from abc import abstractmethod
from functools import cached_property
from typing import Any, Final

from pipeline.components import Component
from pipeline.components.options import Option
from pipeline.datasets.hold_back import hold_back, require_choosable
from pipeline.datasets.split import Removed, Split
from pipeline.datetimes import FORM_OR_NOW, canonical_datetime
from pipeline.errors import TrainingError
from pipeline.examples.example import ExampleSet, ExampleSource, Selection
from pipeline.log import get_logger

logger = get_logger(__name__)

MOMENT: Final = "_datetime_str"
"""How the names of options end that say when examples occurred, and so are no part of a recipe."""


def takes_now(option: Option) -> bool:
    """Return whether plans may give an option `now`."""
    return option.schema.get("pattern") == FORM_OR_NOW


def drop_moments(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a dataset that stay the same when it selects a later span."""
    return {name: value for name, value in options.items() if not name.endswith(MOMENT)}


class Dataset(Component):
    """Selects examples and splits them into a training set and a testing set, and may hold some back for choosing.

    A dataset holds its options and nothing else. It is never changed, so threads and definitions may share it; the
    examples that it returns belong to the caller.
    """

    @property
    @abstractmethod
    def selections(self) -> tuple[Selection, ...]:
        """Everything that `select` fetches, as collections and half-open spans in UTC.

        A plan is refused if one of them holds no example. A stored model is reused if it has the same definition and
        these selections hold the same examples, so nothing else may influence the split.
        """

    @abstractmethod
    def select(self, source: ExampleSource) -> Split:
        """Fetch the examples and split them. The same examples always give the same split.

        Args:
            source: where to fetch `selections` from, by `fetch` of this class.

        Returns:
            The two sets, either of which may be too small to train on; `split` checks that.

        Raises:
            TrainingError: a selection holds no example, or the options leave none.
        """

    @cached_property
    def recipe(self) -> str:
        """The canonical text without the moments: equal for datasets that differ only in when examples occurred."""
        return self.write(drop_moments(self.block["options"]))

    @cached_property
    def split_text(self) -> str:
        """The canonical text without moments that plans may write as `now`.

        Datasets of equal texts split the same examples alike, because such a moment decides only what is selected.
        """
        known = self.options_by_name()
        options = self.block["options"].items()
        return self.write({name: value for name, value in options if not takes_now(known[name])})

    @property
    def draw_seed(self) -> int | None:
        """The seed if examples are held back at random; None if the newest are, because the split is by time."""
        return None

    @property
    def remedies(self) -> tuple[str, ...]:
        """What a user can change if a set is too small or has one class only, such as `widen the span`; never empty."""
        return ("select more examples",)

    def split(self, source: ExampleSource) -> Split:
        """Select, split, hold back what chooses, check that the sets can be trained and tested on, and log warnings.

        Args:
            source: where the examples come from.

        Returns:
            Sets of at least one example each; the training set has two classes or more, and at least as many examples
            as there are classes in both sets. Each fold trains on two classes or more.

        Raises:
            TrainingError: the examples do not allow that; the message says what to change.
        """
        selected = hold_back(self.select(source), self.options, self.draw_seed)
        *others, last = self.remedies
        next_step = f"{', '.join(others)} or {last}" if others else last
        require_trainable(selected, self.name, next_step)
        require_choosable(selected, self.name, next_step)
        _warn(selected)
        return selected

    def fetch(self, source: ExampleSource, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, oldest first.

        Raises:
            TrainingError: the selection holds no example.
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
    """Check that a classifier can be trained and tested on a split, before anything is fitted.

    Raises:
        TrainingError: a set is empty, or the training set has one class or fewer examples than there are classes.
    """
    training, testing = split.training, split.testing
    if not len(training) or not len(testing):
        raise TrainingError(
            where,
            f"{len(training) + len(testing)} examples split into {len(training)} for training "
            f"and {len(testing)} for testing{_describe_removed(split.removed)}",
            "at least one in each",
            next_step,
        )
    require_classes(training, where, next_step)
    if len(training) < split.classes.both:
        raise TrainingError(
            where,
            f"{len(training)} training examples for {split.classes.both} classes",
            "at least one example per class",
            next_step,
        )


def _describe_removed(removed: Removed) -> str:
    """Return the counts of removed examples as the end of a sentence."""
    counts = {
        "of other classes": removed.other_classes,
        "with the text of an older one": removed.duplicates,
        "older than the newest wanted": removed.older,
        "of too small classes": removed.small_classes,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return f"; removed before: {told}" if told else ""


def _warn(split: Split) -> None:
    """Warn about what makes scores less meaningful; in counts, without texts or class names."""
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
    if cut := split.validation_cut:
        moment = cut.moment.isoformat()
        logger.warning(
            "validation_ratio cuts through examples of one moment",
            moment=moment,
            training=cut.older,
            validation=cut.newer,
        )
    if cut := removed.cut:
        moment = cut.moment.isoformat()
        logger.warning(
            "max_examples cuts through examples of one moment", moment=moment, removed=cut.older, kept=cut.newer
        )
    if removed.contradicted:
        logger.warning("duplicates of one moment have different classes", removed=removed.contradicted)
    if split.shared.texts:
        logger.warning("some texts are in both sets", **split.shared._asdict())


def require_classes(
    training: ExampleSet, where: str, next_step: str = "choose a span that holds examples of another class"
) -> None:
    """Check that a training set has at least two classes.

    Raises:
        TrainingError: it has none or one.
    """
    classes = len(set(training.classifications))
    if classes < 2:
        raise TrainingError(
            where,
            f"{len(training)} training example{'s' * (len(training) != 1)} of {classes} class{'es' * (classes == 0)}",
            "at least two classes",
            next_step,
        )
