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
    """A classifier over adapted examples, for two or more classes.

    Threads: once a model has been fitted or read from a document, any number of threads may call `predict`,
    `probabilities`, `answer`, `classes`, `width` and `to_dict` at the same time; none of them changes the model. Only
    one thread may call `fit` or `set_learnt`, while no other thread uses the same model.

    Ownership: a model neither changes nor keeps the features and lists that it is given, and the arrays and lists that
    it returns belong to the caller.

    The models of this package inherit `fit` and `predict` from `ScikitModel` (`machinery/scikit.py`), whose
    `fit_estimator` calls the estimator's own `fit`.
    """

    family: ClassVar[str] = "model"
    takes_negative: ClassVar[bool] = True
    """Whether it can learn from negative numbers. If not, it can only be combined with adapters that give none."""
    takes_sparse: ClassVar[bool] = True
    """Whether it learns from sparse features as they are. If not, they are made dense for it."""
    sized_by: ClassVar[dict[str, str]] = {}
    """Which of its options say how many `iterations` or `trees` it is trained with at most, so that a search can try it
    with few of them: `{"trees": "n_estimators"}`. Training time must grow with the option."""
    learns: ClassVar[bool] = True
    """Whether its answers depend on the features. A baseline's do not."""
    warned: tuple[str, ...] = ()
    """The class names of the warnings that training raised, such as `ConvergenceWarning`."""
    converged: bool = True
    """Whether training finished by itself. It is false if `max_iter` stopped it, also in one of the fits of a
    calibration. Early stopping counts as finished, and so does boosting after its number of rounds. Documents do not
    contain it."""

    @abstractmethod
    def fit(self, features: Features, classifications: Sequence[str], seed: int = 0) -> Self:
        """Learn from the adapted training set. The same input and seed give the same model.

        Args:
            features: shape (n, width), float32, dense or sparse.
            classifications: the n class names, in the order of the rows.
            seed: from 0 to 2³² - 1. It seeds everything that the estimator draws at random.

        Returns:
            This model.

        Raises:
            TrainingError: there are fewer than two classes, or the estimator cannot learn from these features, such as
                from negative numbers where `takes_negative` is false.
        """

    @abstractmethod
    def predict(self, features: Features) -> list[str]:
        """Return the class name of each row.

        Args:
            features: shape (n, width), float32, dense or sparse; n may be 0.

        Returns:
            n class names, each one of `classes`.

        Raises:
            TrainingError: the model has not been fitted.
        """

    @property
    def gives_probabilities(self) -> bool:
        """Whether the model provides `probabilities` with its options."""
        return False

    def probabilities(self, features: Features) -> NDArray[Any]:  # noqa: ARG002 - for those that can
        """Return the probability of each class for each row.

        Args:
            features: shape (n, width), float32, dense or sparse; n may be 0.

        Returns:
            Shape (n, classes), float64, in the order of `classes`; each row adds up to 1.

        Raises:
            TrainingError: the model has not been fitted, or does not provide probabilities with its options.
        """
        raise TrainingError(
            self.name, "does not provide probabilities with these options", next_step="train with calibration: sigmoid"
        )

    def answer(self, features: Features) -> tuple[list[str], NDArray[Any] | None]:
        """Return what `predict` and, if the model provides them, `probabilities` return, computed together.

        Args:
            features: shape (n, width), float32, dense or sparse; n may be 0.

        Returns:
            n class names, and shape (n, classes), float64; None if the model does not provide probabilities.
        """
        return self.predict(features), self.probabilities(features) if self.gives_probabilities else None

    @property
    @abstractmethod
    def classes(self) -> list[str]:
        """The names of the classes that this model can answer with, sorted; empty before it has been fitted."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers a row of features must have.

        Raises:
            TrainingError: the model has not been fitted.
        """
