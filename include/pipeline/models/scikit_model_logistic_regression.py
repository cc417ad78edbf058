"""Logistic regression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from pipeline.components.features import Precision
from pipeline.lazy import NDArray
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.linear import LinearModel
from pipeline.models.machinery.shares import share_by_softmax


class ScikitModelLogisticRegression(LinearModel):
    """A linear classifier by multinomial logistic regression with an L2 penalty, fitted by L-BFGS."""

    name: ClassVar[str] = "scikit_model_logistic_regression"
    short_name: ClassVar[str] = "logistic-regression"

    class Options(CalibratedOptions):
        C: float = Field(
            default=1.0, gt=0, le=1e9, description="How much an error in training costs; lower is smoother."
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: errors in rare classes cost more, by their share; null: all cost the same.",
        )
        max_iter: int = Field(default=1_000, ge=1, le=1_000_000, description="Training stops after this many steps.")
        tolerance: float = Field(
            default=1e-4, ge=1e-10, le=1.0, description="Training stops once the gradient is smaller."
        )
        fit_intercept: bool = Field(default=True, description="Whether each class has a constant term.")

    precision: ClassVar[Precision] = "float32"

    def make_estimator(self, seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression

        options = self.estimator_options()
        return LogisticRegression(tol=options.pop("tolerance"), random_state=seed, **options)

    def share(self, scores: NDArray[Any]) -> NDArray[Any]:
        return share_by_softmax(scores)
