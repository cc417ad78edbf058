"""The contract of a model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pipeline.components.features import Features
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray
from pipeline.serialisation.fitted import FittedComponent


class Model(FittedComponent):
    """A classifier over adapted examples, for any number of classes from two.

    Once it is fitted, or read from a document, any number of threads may call whatever only asks it something
    (`predict`, `probabilities`, `classes`, `to_dict`) at once: none of that changes it. `fit` and `set_learnt` are for
    one thread, while no other uses the same model.
    """

    family: ClassVar[str] = "model"
    takes_negative: ClassVar[bool] = True
    """Whether it can learn from negative numbers; if not, only with adapters that give none."""
    takes_sparse: ClassVar[bool] = True
    """Whether it learns from sparse features as they are; if not, they are made dense for it."""
    learns: ClassVar[bool] = True
    """Whether its answers depend on the features; not so for a baseline."""
    warned: tuple[str, ...] = ()
    """The names of the warnings that training gave, such as that it ended before it was done."""
    converged: bool = True
    """Whether training came to its own end; false where `max_iter` cut it short, in any of the fits of a calibration
    too. Early stopping is an end, and so are the rounds that boosting was asked for. A document does not tell it."""

    @abstractmethod
    def fit(self, features: Features, classifications: Sequence[str], seed: int = 0) -> Self:
        """Learn from the adapted training set and return self. The same input and seed give the same model.

        Args:
            features: shape (n, width).
            classifications: n class names.
            seed: from 0 to 2³² - 1; seeds whatever the estimator draws at random.

        Raises:
            TrainingError: fewer than two classes, or features that the estimator cannot learn from, such as
                negative numbers where `takes_negative` is false.
        """

    @abstractmethod
    def predict(self, features: Features) -> list[str]:
        """Return one class name a row."""

    @property
    def gives_probabilities(self) -> bool:
        """Whether `probabilities` can be asked for, under these options."""
        return False

    def probabilities(self, features: Features) -> NDArray[Any]:  # noqa: ARG002 - for those that can
        """Return how likely each class is, shape (n, classes), in the order of `classes`; each row adds up to 1.

        Raises:
            TrainingError: this model gives none under these options.
        """
        raise TrainingError(self.name, "gives no probabilities", next_step="train with calibration: sigmoid")

    @property
    @abstractmethod
    def classes(self) -> list[str]:
        """The class names this model can answer with, sorted."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers a row of features must have."""
