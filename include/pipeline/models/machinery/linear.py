"""What linear classifiers learn: a weight for each number of a row, and a constant, for each class."""

from __future__ import annotations

from typing import Any

from pipeline.lazy import np
from pipeline.models.machinery.calibration import ROWS
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse

_FLOATS = ("float32", "float64")

LINEAR = Record({"coef": Array(_FLOATS, (ROWS, "width")), "intercept": Array(_FLOATS, (ROWS,))})
"""The document of a linear classifier, for two classes of the second one only."""


def read_linear(estimator: Any) -> dict[str, Any]:
    """Return what a fitted linear estimator learnt; without an intercept it is 0."""
    coef = estimator.coef_
    intercept = np.broadcast_to(np.asarray(estimator.intercept_, dtype=coef.dtype), (len(coef),))
    return {"coef": coef.copy(), "intercept": intercept.copy()}


def write_linear(estimator: Any, learnt: dict[str, Any]) -> None:
    """Give a linear estimator what it had learnt.

    Raises:
        DocumentError: weights and constants of different types.
    """
    coef, intercept = learnt["coef"], learnt["intercept"]
    if coef.dtype != intercept.dtype:
        refuse("model.learnt.intercept", f"{intercept.dtype} numbers", f"{coef.dtype}, as in coef")
    estimator.coef_, estimator.intercept_ = np.array(coef, order="C"), np.array(intercept)
