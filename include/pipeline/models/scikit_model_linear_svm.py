"""Linear support vector machine."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.linear import LinearModel


class ScikitModelLinearSvm(LinearModel):
    """A linear support vector classifier, one class against the rest: LIBLINEAR (Fan et al. 2008) with an L2 penalty.

    Training time is proportional to the numbers other than 0 in the features, not to the square of the examples.
    """

    name: ClassVar[str] = "scikit_model_linear_svm"
    short_name: ClassVar[str] = "linear-svm"

    class Options(CalibratedOptions):
        C: float = Field(
            default=1.0, gt=0, le=1e9, description="How much an error in training costs; lower is smoother."
        )
        loss: Literal["hinge", "squared_hinge"] = Field(
            default="squared_hinge", description="What an error costs: its size, or its size squared."
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: errors in rare classes cost more, by their share; null: all cost the same.",
        )
        max_iter: int = Field(default=1_000, ge=1, le=1_000_000, description="Training stops after this many steps.")
        tolerance: float = Field(
            default=1e-4, ge=1e-10, le=1.0, description="Training stops once it is this close to the optimum."
        )
        fit_intercept: bool = Field(default=True, description="Whether each class has a constant term.")

    def make_estimator(self, seed: int) -> Any:
        from sklearn.svm import LinearSVC

        options = self.estimator_options()
        return LinearSVC(tol=options.pop("tolerance"), dual="auto", random_state=seed, **options)

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        super().fit_estimator(features, targets, seed)
        # LIBLINEAR stores its weights column by column, and on some machines a sum in another order rounds differently.
        # In the layout that a document gives them, they answer the same before and after.
        self.write_estimator(self._estimator, self.read_estimator(self._estimator))
