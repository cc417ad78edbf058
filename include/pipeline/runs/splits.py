"""How the datasets of a plan split the current examples, before anything is trained."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pipeline.datasets.account import count_by_class, describe_split
from pipeline.datasets.base import Dataset
from pipeline.errors import KeyRingError, TrainingError
from pipeline.examples.classes import find_missing
from pipeline.examples.example import ExampleSet, ExampleSource, Selection
from pipeline.plans.definition import Definition
from pipeline.search.settings import FOLDS, MOST_COMPARING

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey

MOST_EXAMPLES: Final = 500_000
"""How many examples are opened by default: this takes two or three seconds."""


@dataclass(frozen=True)
class SplitPreview:
    """How one dataset splits.

    Args:
        dataset: the dataset; it represents all that split the same way.
        definitions: how many of the definitions to train use it.
        examples: the result of `describe_split`; None if it cannot split, or was not examined.
        by_class: the result of `count_by_class`; None with `examples`.
        missing_classes: the classes that the plan names for it and that have no example left.
        problem: why no definition can be trained on it, in the words of the training; empty if one can.
        not_looked_at: why it was not examined; empty if it was.
    """

    dataset: Dataset
    definitions: int
    examples: dict[str, Any] | None = None
    by_class: dict[str, dict[str, int]] | None = None
    missing_classes: tuple[str, ...] = ()
    problem: str = ""
    not_looked_at: str = ""

    @property
    def tried(self) -> tuple[int, int]:
        """About how many examples train and how many compare in a search; see `choose_rows`. Both are 0 if unknown."""
        if self.examples is None:
            return 0, 0
        training: int = self.examples["training"]["count"]
        if "validation" in self.examples:
            return training, min(self.examples["validation"]["count"], MOST_COMPARING)
        blocks = self.examples.get("folds", {"count": FOLDS})["count"] + (self.dataset.draw_seed is None)
        return training - training // blocks, min(training // blocks, MOST_COMPARING)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return vars(self) | {"dataset": self.dataset.block, "missing_classes": [*self.missing_classes]}


def preview_splits(
    definitions: Iterable[Definition],
    survey: "ExamplesSurvey",
    open_source: Callable[[], ExampleSource],
    most: int = MOST_EXAMPLES,
) -> Iterator[SplitPreview]:
    """Yield how each different dataset of these definitions splits; those with the same examples follow each other.

    Args:
        open_source: returns what opens examples; if it raises a `KeyRingError`, datasets are not examined.
        most: how many examples may be opened, of all datasets together; a dataset with more than are left is not
            examined.
    """
    groups = group_by_examples(definitions)
    counts = iter(survey.count([selection for selections in groups for selection in selections]))
    left = most
    for selections, splits in groups.items():
        count = sum(next(counts) for _ in selections)
        source = OnceSource(open_source)
        for split in splits:
            if count > left:
                reason = f"{count:,} examples, but only {left:,} of the {most:,} that --examples allows are left"
                yield replace(split, not_looked_at=reason)
            else:
                left -= count
                yield look(split, source)


def group_by_examples(definitions: Iterable[Definition]) -> dict[tuple[Selection, ...], list[SplitPreview]]:
    """Return the different datasets, not yet examined, by what they select."""
    datasets: dict[str, Dataset] = {}
    uses: Counter[str] = Counter()
    for definition in definitions:
        datasets.setdefault(definition.dataset.effective, definition.dataset)
        uses[definition.dataset.effective] += 1
    groups: dict[tuple[Selection, ...], list[SplitPreview]] = {}
    for key, dataset in datasets.items():
        groups.setdefault(dataset.selections, []).append(SplitPreview(dataset, uses[key]))
    return groups


def look(unseen: SplitPreview, source: ExampleSource) -> SplitPreview:
    """Return how a dataset splits, or why it cannot."""
    try:
        split = unseen.dataset.split(source)
    except TrainingError as error:
        return replace(unseen, problem=str(error))
    except KeyRingError as error:
        return replace(unseen, not_looked_at=str(error))
    named = getattr(unseen.dataset.options, "classes", None) or ()
    left = {*split.training.classifications, *split.testing.classifications}
    missing = tuple(find_missing(named, left))
    return replace(unseen, examples=describe_split(split), by_class=count_by_class(split), missing_classes=missing)


class OnceSource:
    """A source that opens each selection once, no matter how many datasets ask for it."""

    def __init__(self, open_source: Callable[[], ExampleSource]) -> None:
        self._open_source = open_source
        self._opened: dict[Selection, ExampleSet] = {}

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, in the order of an `ExampleSet`."""
        if selection not in self._opened:
            self._opened[selection] = self._open_source().fetch(selection)
        return self._opened[selection]
