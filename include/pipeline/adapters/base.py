"""The contract of an adapter."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.serialisation.fitted import FittedComponent

Features = NDArray[np.float32]
"""Adapted examples: one row a text, shape (n, width), float32."""


class Adapter(FittedComponent):
    """Turns texts into what a model takes, after it has been fitted on the training set's texts."""

    family: ClassVar[str] = "adapter"
    gives_negative: ClassVar[bool]
    """Whether a row can hold negative numbers, which not every model takes; each class states it."""

    @abstractmethod
    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        """Learn from the training set's texts and return self. The same texts and seed give the same adapter.

        Args:
            texts: the training set's texts, in its order.
            seed: from 0 to 2³² - 1; seeds whatever is drawn at random.

        Raises:
            TrainingError: nothing can be learnt, such as when no text holds a word.
        """

    @abstractmethod
    def transform(self, texts: Sequence[str]) -> Features:
        """Return one row a text, in order; a text without a known word gives a row of zeros."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers stand for one text; where that is learnt, it is known once fitted.

        Raises:
            TrainingError: neither fitted nor read from a document, and not known before.
        """
