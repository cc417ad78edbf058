"""The contract of an adapter."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.components import Component

Features = NDArray[np.float32]
"""Adapted examples: one row a text, shape (n, width), float32."""


class Adapter(Component):
    """Turns texts into what a model takes, after it has been fitted on the training set's texts."""

    @abstractmethod
    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        """Learn from the training set's texts and return self. The same texts and seed give the same adapter.

        Raises:
            TrainingError: nothing can be learnt, such as when no text holds a word.
        """

    @abstractmethod
    def transform(self, texts: Sequence[str]) -> Features:
        """Return one row a text, in order; a text without a known word gives a row of zeros."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return all that `from_dict` needs, as JSON values and numpy arrays only."""

    @classmethod
    @abstractmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return an adapter that transforms exactly as the one the document came from.

        Raises:
            DocumentError: a missing, unknown or out-of-range part, named by its path.
        """
