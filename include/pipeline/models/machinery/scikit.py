"""The base class of all models over scikit-learn estimators: how they are fitted, asked, written and read."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar, Self

from pipeline.components.features import Features, Precision, densify, has_negative, is_sparse, retype
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np
from pipeline.log import get_logger
from pipeline.models.base import Model
from pipeline.models.machinery.calibration import LEARNT, Calibration
from pipeline.models.machinery.one_class import advise, answers_one_class
from pipeline.models.machinery.shares import rate_shares
from pipeline.serialisation.containers import Listing, Record
from pipeline.serialisation.schema import Size, Text, refuse

logger = get_logger(__name__)

_NOT_CONVERGED = "ConvergenceWarning"
NOT_CONVERGED = "raise max_iter or tolerance: training stopped before it converged"
MOST_CLASSES = 100_000
_collecting = Lock()
"""Held while a model is fitted, one at a time in a process: Python collects the warnings of all threads together."""
_HEAD = {
    "classes": Listing(Text(), size="classes", fewest=2, most=MOST_CLASSES, distinct=True),
    "width": Size("width"),
}


class ScikitModel(Model):
    """A model that wraps a scikit-learn classifier.

    The estimator never sees class names, only their positions in `classes`. A subclass makes the estimator in
    `make_estimator` and declares in `learnt` what it learns, apart from `classes` and `width`, which are named sizes
    there. `read_estimator` and `write_estimator` move that between the estimator and a document. A subclass whose
    options are `CalibratedOptions` can be calibrated.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy", "scikit-learn")
    precision: ClassVar[Precision] = "float64"
    """The type of the numbers that the estimator is given: float32 if it computes with them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._classes: list[str] = []
        self._estimator: Any = None
        self._calibration: Calibration | None = None

    @abstractmethod
    def make_estimator(self, seed: int) -> Any:
        """Return a scikit-learn classifier with this model's options that has not been fitted.

        Args:
            seed: from 0 to 2³² - 1, for what the estimator draws at random.
        """

    @abstractmethod
    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        """Return what a fitted estimator has learnt, as `learnt` declares it, in arrays that belong to the caller."""

    @abstractmethod
    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        """Give an estimator what was learnt, so that it answers as the one from which that was read.

        Args:
            estimator: from `make_estimator`, with its `classes_` and `n_features_in_` set.
            learnt: audited against the declaration. Its arrays may be read-only, so they are copied.

        Raises:
            DocumentError: some entries contradict each other.
        """

    def settle(self, estimator: Any) -> None:
        """Take from an estimator that has been fitted or read what all answers need, so that it is computed once."""

    @property
    def calibration(self) -> str | None:
        """The method of calibration; None if this model is not calibrated."""
        return getattr(self.options, "calibration", None)

    @property
    def remedy(self) -> str:
        """The next step for a user whose features the estimator cannot learn from."""
        if getattr(self.options, "early_stopping", False):
            return "set early_stopping to false, which needs no examples set aside, or use more examples of each class"
        return "try other options, or an adapter with smaller numbers"

    def declare(self) -> Record:
        tail = {"calibration": LEARNT[self.calibration]} if self.calibration else {}
        return Record(_HEAD | dict(self.learnt.fields) | tail)

    def estimator_options(self) -> dict[str, Any]:
        """Return the options that the estimator takes, which is all but `calibration`."""
        return self.options.model_dump(exclude={"calibration"})  # type: ignore[no-any-return]

    def fit(self, features: Features, classifications: Sequence[str], seed: int = 0) -> Self:
        classes = self._list_classes(features, classifications)
        numbers = {name: number for number, name in enumerate(classes)}
        targets = np.array([numbers[name] for name in classifications])
        with self._watch():
            self.fit_estimator(self._prepare(features), targets, seed)
        self.settle(self._estimator)
        self._classes = classes
        if self.learns and answers_one_class(self, features, targets):
            next_step = self.advise_one_class(len(targets))
            logger.warning("the model answers one class only", model=self.name, next_step=next_step)
        return self

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        """Make the estimator and fit it, with its calibration if the options ask for one.

        Args:
            features: as the estimator takes them.
            targets: for each row the position of its class in `classes`.
            seed: as in `fit`.

        Raises:
            ValueError: the estimator cannot learn from these features; `fit` turns it into a TrainingError.
            TrainingError: a class has too few examples for the calibration.
        """
        estimator, calibration = self.make_estimator(seed), None
        if self.calibration:
            estimator, calibration = Calibration.fit(self.calibration, estimator, features, targets, self.name)
        else:
            estimator.fit(features, targets)
        self._estimator, self._calibration = estimator, calibration

    def _list_classes(self, features: Features, classifications: Sequence[str]) -> list[str]:
        """Return the classes of a training set, sorted; refuse a training set that no estimator could learn from."""
        classes = sorted(set(classifications))
        if len(classes) < 2:
            raise TrainingError(
                self.name,
                f"{len(classifications)} training examples of {len(classes)} class",
                "at least two classes",
                "choose a span that holds examples of another class",
            )
        if len(classes) > MOST_CLASSES:
            raise TrainingError(
                self.name,
                f"training examples of {len(classes):,} classes",
                f"at most {MOST_CLASSES:,}",
                "set the dataset's min_examples_per_class",
            )
        if not self.takes_negative and has_negative(features):
            raise TrainingError(
                self.name,
                "cannot learn from negative numbers, and these features hold some",
                "numbers from 0",
                "choose an adapter that gives no negative numbers, or another model",
            )
        return classes

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Collect the warnings of a fit in `warned` and `converged`, and turn its ValueError into a TrainingError."""
        with _collecting, warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            try:
                yield
            except ValueError as error:
                raise TrainingError(
                    self.name,
                    f"cannot learn from these features ({' '.join(str(error).split())[:200]})",
                    next_step=self.remedy,
                ) from None
        self.warned = tuple(sorted({warning.category.__name__ for warning in caught}))
        self.converged = _NOT_CONVERGED not in self.warned
        for kind in self.warned:
            advice = {"next_step": NOT_CONVERGED} if kind == _NOT_CONVERGED else {}
            logger.warning("the estimator warned", model=self.name, warning=kind, **advice)

    def advise_one_class(self, examples: int) -> str:  # noqa: ARG002 - for subclasses
        """Return the next step for a user whose model answers one class only, after training on this many examples."""
        return NOT_CONVERGED if not self.converged else advise(self.options)

    def _prepare(self, features: Features) -> Any:
        """Return features in the form and precision that the estimator takes, copied only if they differ."""
        if self.takes_sparse and is_sparse(features):
            return retype(features, self.precision)
        return densify(features, self.precision, self.name)

    def predict(self, features: Features) -> list[str]:
        return self._answer(features, shares=False)[0]

    @cached_property
    def gives_probabilities(self) -> bool:
        return self.calibration is not None or hasattr(self.make_estimator(0), "predict_proba")

    def probabilities(self, features: Features) -> NDArray[Any]:
        self.require_fitted()
        _, shares = self._answer(features, names=False)
        return super().probabilities(features) if shares is None else shares

    def answer(self, features: Features) -> tuple[list[str], NDArray[Any] | None]:
        return self._answer(features)

    def _answer(
        self, features: Features, *, names: bool = True, shares: bool = True
    ) -> tuple[list[str], NDArray[np.float64] | None]:
        """Return the classes and the probabilities of rows; what is not asked for can be left out."""
        self.require_fitted()
        shares = shares and self.gives_probabilities
        if features.shape[0] == 0:
            return [], np.zeros((0, len(self._classes))) if shares else None
        found: NDArray[np.float64] | None = None
        # coefficients from a document may overflow; the answer is still a class
        with np.errstate(all="ignore"):
            scores = self.score(features)
            if self._calibration:
                found = self._even(self._calibration.probabilities(np.asarray(self.rate(scores), dtype=np.float64)))
                numbers = found.argmax(axis=1)
            else:
                numbers = self.choose(scores) if names else np.zeros(0, dtype=np.intp)
                if shares:
                    found = self._even(np.asarray(self.share(scores), dtype=np.float64))
        return [self._classes[number] for number in numbers.tolist()], found

    def _even(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make all classes equally likely in rows where coefficients from a document overflowed, in place."""
        if not np.isfinite(shares).all():
            shares[~np.isfinite(shares).all(axis=1)] = 1 / len(self._classes)
        return shares

    def score(self, features: Features) -> Any:
        """Return what the three methods below start from, so that it is computed once for all of them.

        Here it is the rows as the estimator takes them, because the methods call the estimator. See `ScoreModel` and
        `ShareModel` for models that compute it themselves, without the estimator's checks of its input.
        """
        return self._prepare(features)

    def choose(self, scores: Any) -> NDArray[Any]:
        """Return for each row the position of its class in `classes`."""
        return np.asarray(self._estimator.predict(scores))

    def share(self, scores: Any) -> NDArray[Any]:
        """Return the probability of each class, shape (n, classes); called only if it `gives_probabilities`."""
        return np.asarray(self._estimator.predict_proba(scores))

    def rate(self, scores: Any) -> NDArray[Any]:
        """Return what a calibration turns into probabilities, shape (n, classes), or for two classes (n, 1)."""
        if not hasattr(self._estimator, "decision_function"):
            return rate_shares(self.share(scores))
        found = np.asarray(self._estimator.decision_function(scores))
        return found.reshape(-1, 1) if found.ndim == 1 else found

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

    def get_learnt(self) -> dict[str, Any]:
        head = {"classes": self.classes, "width": self.width}
        tail = {"calibration": self._calibration.curves} if self._calibration else {}
        return head | self.read_estimator(self._estimator) | tail

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        classes = learnt["classes"]
        if classes != sorted(classes):
            refuse("model.learnt.classes", "classes out of order", "sorted classes")
        estimator = self.make_estimator(seed=0)
        estimator.classes_ = np.arange(len(classes))
        estimator.n_features_in_ = learnt["width"]
        self.write_estimator(estimator, learnt)
        if self.calibration:
            path = "model.learnt.calibration"
            self._calibration = Calibration.from_learnt(self.calibration, learnt["calibration"], path)
        self.settle(estimator)
        self._estimator, self._classes = estimator, list(classes)
