"""Models whose estimator is linear: for each class a weight for each number of a row, and a constant."""

from __future__ import annotations

from typing import Any, ClassVar

from pipeline.components.features import Features
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import ROWS
from pipeline.models.machinery.scored import ScoreModel, Weights
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse

_FLOATS = ("float32", "float64")


class LinearModel(ScoreModel):
    """A model over a scikit-learn estimator with `coef_` and `intercept_`.

    For two classes a document holds the second class's weights only, as the estimator does.
    """

    learnt: ClassVar[Record] = Record({"coef": Array(_FLOATS, (ROWS, "width")), "intercept": Array(_FLOATS, (ROWS,))})

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        coef = estimator.coef_
        intercept = np.broadcast_to(np.asarray(estimator.intercept_, dtype=coef.dtype), (len(coef),))
        return {"coef": coef.copy(), "intercept": intercept.copy()}  # without an intercept, it is 0

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        coef, intercept = learnt["coef"], learnt["intercept"]
        if coef.dtype != intercept.dtype:
            refuse("model.learnt.intercept", f"{intercept.dtype} numbers", f"{coef.dtype}, as in coef")
        estimator.coef_, estimator.intercept_ = np.array(coef, order="C"), np.array(intercept)

    def settle(self, estimator: Any) -> None:
        self._weights = Weights(estimator.coef_, estimator.intercept_, self.precision)

    def score(self, features: Features) -> NDArray[Any]:
        return self._weights.score(features)
