"""Turns a classifier's scores into probabilities, learnt from scores of examples on which it was not trained.

Each class has a curve from score to probability (with two classes, only the second has one), and a row's probabilities
are then scaled to add up to 1. The curve is a sigmoid (Platt 1999) or any rising curve (isotonic regression; Zadrozny
and Elkan 2002, doi:10.1145/775047.775151).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from pipeline.components.options import Added, OptionSchema
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Derived, Record
from pipeline.serialisation.schema import refuse

MOST_FOLDS = 5
Curves = dict[str, NDArray[Any]]
ROWS = Derived("1 for two classes, else classes", lambda sizes: 1 if sizes["classes"] == 2 else sizes["classes"])
"""The dimension of an array with one row for each class, or one row for two classes."""

_BOUNDS = Derived(
    "2 for two classes, else classes + 1", lambda sizes: 2 if sizes["classes"] == 2 else sizes["classes"] + 1
)
LEARNT = {
    "sigmoid": Record({"slopes": Array("float64", (ROWS,)), "offsets": Array("float64", (ROWS,))}),
    "isotonic": Record(
        {
            "scores": Array("float64", ("calibration_points",)),
            "shares": Array("float64", ("calibration_points",), 0.0, 1.0),
            "bounds": Array("int64", (_BOUNDS,), minimum=0),
        }
    ),
}
"""What is learnt, by method. The points of the k-th isotonic curve are those from bounds[k] to bounds[k + 1]."""


class CalibratedOptions(OptionSchema):
    """The option of every model that can be calibrated; a model's own options come before it."""

    calibration: Annotated[Literal["sigmoid", "isotonic"] | None, Added()] = Field(
        default=None,
        description="How scores become probabilities, learnt by cross-validation, in up to five more trainings: "
        "sigmoid for few examples, isotonic for thousands; null: not at all.",
    )


class Calibration:
    """Curves from a classifier's scores to probabilities, immutable once made."""

    def __init__(self, method: str, curves: Curves) -> None:
        self.method = method
        self.curves = curves

    @classmethod
    def fit(
        cls, method: str, estimator: Any, features: Any, targets: NDArray[np.int64], where: str
    ) -> tuple[Any, Self]:
        """Fit an estimator on all examples, and curves on the cross-validated scores of others like it.

        Returns:
            The fitted estimator and its calibration.

        Raises:
            TrainingError: a class has a single example.
        """
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import StratifiedKFold

        fewest = int(np.bincount(targets).min())
        if fewest < 2:
            raise TrainingError(
                where,
                "cannot calibrate: a class has one training example only",
                "at least two examples a class",
                "set the dataset's min_examples_per_class, or calibration to null",
            )
        folds = StratifiedKFold(min(MOST_FOLDS, fewest))
        calibrated = CalibratedClassifierCV(estimator, method=method, cv=folds, ensemble=False).fit(features, targets)
        (fitted,) = calibrated.calibrated_classifiers_
        return fitted.estimator, cls(method, _READERS[method](fitted.calibrators))

    def probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n, classes), from scores of shape (n, curves)."""
        with np.errstate(all="ignore"):
            columns = _sigmoid(self.curves, scores) if self.method == "sigmoid" else _isotonic(self.curves, scores)
            if columns.shape[1] == 1:
                return np.hstack([1 - columns, columns])
            totals = columns.sum(axis=1, keepdims=True)
            even = np.full_like(columns, 1 / columns.shape[1])
            shares: NDArray[np.float64] = np.divide(columns, totals, out=even, where=totals > 0)
            return shares

    @classmethod
    def from_learnt(cls, method: str, learnt: dict[str, Any], path: str) -> Self:
        """Return the calibration in an audited document.

        Raises:
            DocumentError: a curve does not rise, or the bounds do not divide the points into curves.
        """
        if method == "isotonic":
            bounds, points = learnt["bounds"], len(learnt["scores"])
            if bounds[0] != 0 or bounds[-1] != points or np.any(np.diff(bounds) < 1):
                refuse(f"{path}.bounds", "bounds that are no curves", f"bounds that rise from 0 to {points}")
            for start, end in pairwise(bounds):
                scores = learnt["scores"][start:end]
                if np.any(scores[1:] <= scores[:-1]):
                    refuse(f"{path}.scores", "scores out of order", "scores that rise along each curve")
        return cls(method, {name: np.array(array) for name, array in learnt.items()})


def _sigmoid(curves: Curves, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit

    shares: NDArray[np.float64] = expit(-(curves["slopes"] * scores + curves["offsets"]))
    return shares


def _isotonic(curves: Curves, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    bounds = curves["bounds"]
    shares = np.empty_like(scores)
    for row, (start, end) in enumerate(pairwise(bounds)):
        shares[:, row] = np.interp(scores[:, row], curves["scores"][start:end], curves["shares"][start:end])
    return shares


def _read_sigmoids(calibrators: list[Any]) -> Curves:
    return {
        "slopes": np.array([each.a_ for each in calibrators], dtype=np.float64),
        "offsets": np.array([each.b_ for each in calibrators], dtype=np.float64),
    }


def _read_isotonics(calibrators: list[Any]) -> Curves:
    curves = [_distinct(each.X_thresholds_, each.y_thresholds_) for each in calibrators]
    return {
        "scores": np.concatenate([scores for scores, _ in curves]).astype(np.float64),
        "shares": np.concatenate([shares for _, shares in curves]).astype(np.float64).clip(0, 1),
        "bounds": np.cumsum([0, *(len(scores) for scores, _ in curves)], dtype=np.int64),
    }


def _distinct(scores: NDArray[Any], shares: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a curve with only the first of several points at one score."""
    kept = np.concatenate([[True], np.diff(scores) > 0])
    return scores[kept], shares[kept]


_READERS: dict[str, Callable[[list[Any]], Curves]] = {"sigmoid": _read_sigmoids, "isotonic": _read_isotonics}
