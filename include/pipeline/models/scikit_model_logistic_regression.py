"""Logistic regression."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from pipeline.models.scikit import CLASSES, ScikitModel
from pipeline.options import OptionSchema
from pipeline.serialisation.containers import Array, Derived, Record
from pipeline.serialisation.schema import refuse

_ROWS = Derived("1 for two classes, else classes", lambda sizes: 1 if sizes["classes"] == 2 else sizes["classes"])


class ScikitModelLogisticRegression(ScikitModel):
    """A linear classifier by multinomial logistic regression with an L2 penalty, fitted by L-BFGS."""

    name: ClassVar[str] = "scikit_model_logistic_regression"
    short_name: ClassVar[str] = "logistic-regression"

    class Options(OptionSchema):
        C: float = Field(
            default=1.0, gt=0, le=1e9, description="How much an error in training costs; lower is smoother."
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None, description="balanced: errors in a rare class cost more, by its share; null: all the same."
        )
        max_iter: int = Field(default=1_000, ge=1, le=1_000_000, description="Training stops after so many steps.")
        tolerance: float = Field(
            default=1e-4, ge=1e-10, le=1.0, description="Training stops once the gradient is smaller."
        )
        fit_intercept: bool = Field(default=True, description="Whether classes may have a constant term.")

    learnt: ClassVar[Record] = Record(
        {
            "classes": CLASSES,
            "coef": Array("float64", (_ROWS, "width")),
            "intercept": Array("float64", (_ROWS,)),
        }
    )

    def make_estimator(self, seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression

        options = self.options.model_dump()
        return LogisticRegression(tol=options.pop("tolerance"), random_state=seed, **options)

    def get_learnt(self) -> dict[str, Any]:
        rows = len(self._estimator.coef_)
        return {
            "classes": self.classes,
            "coef": self._estimator.coef_.copy(),
            "intercept": np.broadcast_to(self._estimator.intercept_, (rows,)).astype(np.float64),
        }

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        coef = np.array(learnt["coef"], dtype=np.float64, order="C")
        if coef.shape[1] == 0:
            refuse("model.coef", "rows without numbers", "at least one number a row")
        self.restore(
            learnt["classes"], coef.shape[1], coef_=coef, intercept_=np.array(learnt["intercept"], dtype=np.float64)
        )
