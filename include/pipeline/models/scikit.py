"""What all models over scikit-learn estimators share."""

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import structlog

from pipeline.adapters.base import Features
from pipeline.errors import TrainingError
from pipeline.models.base import Model
from pipeline.serialisation.containers import Listing
from pipeline.serialisation.schema import Text, refuse

logger = structlog.get_logger(__name__)

CLASSES = Listing(Text(), size="classes", fewest=2, distinct=True)
"""The class names in a document."""


class ScikitModel(Model):
    """A scikit-learn classifier over class numbers, in double precision.

    Class names stay outside the estimator: they are positions in `classes`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._classes: list[str] = []
        self._estimator: Any = None

    @abstractmethod
    def make_estimator(self, seed: int) -> Any:
        """Return a scikit-learn classifier with this model's options, not fitted."""

    def fit(self, features: Features, classifications: Sequence[str], seed: int = 0) -> Self:
        classes = sorted(set(classifications))
        if len(classes) < 2:
            raise TrainingError(
                self.name,
                f"{len(classifications)} training examples of {len(classes)} class",
                "at least two classes",
                "choose a span that holds examples of another class",
            )
        if not self.takes_negative and np.any(features < 0):
            raise TrainingError(
                self.name,
                "cannot learn from negative numbers, and these features hold some",
                "numbers from 0",
                "choose an adapter that gives no negative numbers, or another model",
            )
        numbers = {name: number for number, name in enumerate(classes)}
        targets = np.array([numbers[name] for name in classifications])
        estimator = self.make_estimator(seed)
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            try:
                estimator.fit(np.asarray(features, dtype=np.float64), targets)
            except ValueError as error:
                raise TrainingError(
                    self.name,
                    f"cannot learn from these features ({' '.join(str(error).split())[:200]})",
                    next_step="try other options, or an adapter with smaller numbers",
                ) from None
        for kind in sorted({warning.category.__name__ for warning in caught}):
            logger.warning("the estimator warned", model=self.name, warning=kind)
        self._estimator, self._classes = estimator, classes
        return self

    def predict(self, features: Features) -> list[str]:
        self.require_fitted()
        if len(features) == 0:
            return []
        with np.errstate(all="ignore"):  # coefficients from a document may overflow; the answer is a class still
            numbers = self._estimator.predict(np.asarray(features, dtype=np.float64))
        return [self._classes[number] for number in numbers]

    @property
    def classes(self) -> list[str]:
        return list(self._classes)

    @property
    def width(self) -> int:
        self.require_fitted()
        return int(self._estimator.n_features_in_)

    @property
    def fitted(self) -> bool:
        return bool(self._classes)

    def restore(self, classes: list[str], width: int, **attributes: Any) -> None:
        """Make the estimator anew with the attributes that fitting would have given it."""
        if classes != sorted(classes):
            refuse("model.classes", "classes out of order", "sorted classes")
        estimator = self.make_estimator(seed=0)
        estimator.classes_ = np.arange(len(classes))
        estimator.n_features_in_ = width
        for name, value in attributes.items():
            setattr(estimator, name, value)
        self._estimator, self._classes = estimator, list(classes)
