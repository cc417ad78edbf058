"""A split: the examples that train, those that choose the best model, and those that test."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.datasets.cuts import Cut
from pipeline.datasets.folds import Folds
from pipeline.examples.example import ExampleSet


@dataclass(frozen=True, slots=True)
class Removed:
    """How many selected examples neither train nor test, and why. With those that do, they are all selected ones."""

    other_classes: int = 0
    """Examples of classes that `classes` does not name."""
    duplicates: int = 0
    """Examples with the text of an older one."""
    older: int = 0
    """Examples older than the newest `max_examples`."""
    small_classes: int = 0
    """Examples of classes with fewer than `min_examples_per_class`."""
    left_out_classes: int = 0
    """The number of those classes, not of examples."""
    contradicted: int = 0
    """How many of the duplicates have the same time as the example that stays, but another class."""
    cut: Cut | None = None
    """Where the newest `max_examples` begin, if that is among examples of the same time; else None."""


class Shared(NamedTuple):
    """The number of texts in both sets, and of testing examples with such a text."""

    texts: int
    testing_examples: int


class Classes(NamedTuple):
    """The number of classes in the two sets together, and in each."""

    both: int
    training: int
    testing: int

    @property
    def not_trained(self) -> int:
        """Classes of the testing set only; every answer to their examples is wrong."""
        return self.both - self.training

    @property
    def not_tested(self) -> int:
        """Classes of the training set only; no score covers them."""
        return self.both - self.testing


@dataclass(frozen=True)
class Split:
    """Sets of examples that have none in common. Never changed, so threads may share it.

    Attributes:
        training: the examples to train on, oldest first.
        testing: the examples to score on, oldest first.
        removed: the selected examples that are in none of the sets.
        cut: where a split by time falls, if that is among examples of the same time; else None.
        validation: the examples that do not train but choose the best model, oldest first; None if there are none.
        validation_cut: the same as `cut`, between the training set and the validation set.
        folds: how the training set is divided for cross-validation; None if it is not.
    """

    training: ExampleSet
    testing: ExampleSet
    removed: Removed = Removed()
    cut: Cut | None = None
    validation: ExampleSet | None = None
    validation_cut: Cut | None = None
    folds: Folds | None = None

    @cached_property
    def shared(self) -> Shared:
        """The texts that are in both sets, counted."""
        trained = set(self.training.texts)
        tested = [text for text in self.testing.texts if text in trained]
        return Shared(len(set(tested)), len(tested))

    @cached_property
    def classes(self) -> Classes:
        """The classes of both sets, counted."""
        trained, tested = set(self.training.classifications), set(self.testing.classifications)
        return Classes(len(trained | tested), len(trained), len(tested))
