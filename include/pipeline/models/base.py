"""The contract of a model."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

from pipeline.adapters.base import Features
from pipeline.components import Component


class Model(Component):
    """A classifier over adapted examples, for any number of classes from two."""

    @abstractmethod
    def fit(self, features: Features, classifications: Sequence[str], seed: int = 0) -> Self:
        """Learn from the adapted training set and return self. The same input and seed give the same model.

        Args:
            features: shape (n, width).
            classifications: n class names.
            seed: seeds whatever the estimator draws at random.
        """

    @abstractmethod
    def predict(self, features: Features) -> list[str]:
        """Return one class name a row."""

    @property
    @abstractmethod
    def classes(self) -> list[str]:
        """The class names this model can answer with, sorted."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return all that `from_dict` needs, as JSON values and numpy arrays only."""

    @classmethod
    @abstractmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return a model that predicts exactly as the one the document came from.

        Raises:
            DocumentError: a missing, unknown or out-of-range part, named by its path.
        """
