"""The contract of a dataset."""

from abc import abstractmethod
from typing import NamedTuple

from pipeline.components import Component
from pipeline.examples.example import ExampleSet, ExampleSource


class Split(NamedTuple):
    """A training set and a testing set; no example is in both."""

    training: ExampleSet
    testing: ExampleSet


class Dataset(Component):
    """Picks examples and splits them into a training set and a testing set."""

    @abstractmethod
    def split(self, source: ExampleSource) -> Split:
        """Fetch this dataset's examples from `source` and split them, the same way every time.

        Raises:
            TrainingError: no examples, or too few to have both sets.
        """
