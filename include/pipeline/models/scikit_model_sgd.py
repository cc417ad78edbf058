"""Linear classifiers by stochastic gradient descent."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.components.features import Precision
from pipeline.components.options import ActiveWhen
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.linear import LinearModel
from pipeline.models.machinery.shares import share_by_clipping, share_by_sigmoid


class ScikitModelSgd(LinearModel):
    """A linear classifier, one class against the rest, fitted by stochastic gradient descent (Bottou 2010).

    It learns from one training example after another, in a new random order for each pass, so it suits large training
    sets. With log_loss and modified_huber it provides probabilities without calibration.
    """

    name: ClassVar[str] = "scikit_model_sgd"
    short_name: ClassVar[str] = "sgd"
    sized_by: ClassVar[dict[str, str]] = {"iterations": "max_iter"}

    class Options(CalibratedOptions):
        loss: Literal["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"] = Field(
            default="hinge",
            description="What an error costs: hinge is a linear SVM's, log_loss logistic regression's; modified_huber "
            "tolerates outliers.",
        )
        penalty: Literal["l2", "l1", "elasticnet"] = Field(
            default="l2",
            description="How weights are kept small: l1 makes many of them 0, elasticnet is a mix of l1 and l2.",
        )
        alpha: float = Field(
            default=1e-4, ge=1e-10, le=1e3, description="How much large weights cost; higher is smoother."
        )
        l1_ratio: Annotated[float, ActiveWhen("penalty", ("elasticnet",))] = Field(
            default=0.5, ge=0, le=1, description="The share of l1 in elasticnet; the rest is l2."
        )
        max_iter: int = Field(default=1_000, ge=1, le=1_000_000, description="Training stops after this many passes.")
        tolerance: float = Field(
            default=1e-3, ge=1e-10, le=1.0, description="Training stops once five passes in a row improve by less."
        )
        learning_rate: Literal["optimal", "constant", "invscaling", "adaptive"] = Field(
            default="optimal",
            description="The step size: optimal decreases with the number of steps, depending on alpha; constant is "
            "eta0; invscaling is eta0 / steps^power_t; adaptive is eta0, divided by 5 whenever training no longer "
            "improves.",
        )
        eta0: Annotated[float, ActiveWhen("learning_rate", ("constant", "invscaling", "adaptive"))] = Field(
            default=0.01, ge=1e-10, le=1e3, description="The size of the first step."
        )
        power_t: Annotated[float, ActiveWhen("learning_rate", ("invscaling",))] = Field(
            default=0.5, ge=0, le=2, description="How fast steps become smaller with invscaling."
        )
        average: bool = Field(
            default=False, description="Whether the final weights are the mean of the weights after every step."
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: errors in rare classes cost more, by their share; null: all cost the same.",
        )
        fit_intercept: bool = Field(default=True, description="Whether each class has a constant term.")
        early_stopping: bool = Field(
            default=False,
            description="Whether a tenth of the training examples is set aside, and training stops once the accuracy "
            "on them no longer improves.",
        )

    precision: ClassVar[Precision] = "float32"

    def make_estimator(self, seed: int) -> Any:
        from sklearn.linear_model import SGDClassifier

        options = self.estimator_options()
        return SGDClassifier(tol=options.pop("tolerance"), random_state=seed, **options)

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        super().fit_estimator(features, targets, seed)
        # for two classes it is float64, while a document holds it in the type of the weights
        self._estimator.intercept_ = self._estimator.intercept_.astype(self._estimator.coef_.dtype)

    def share(self, scores: NDArray[Any]) -> NDArray[Any]:
        return share_by_sigmoid(scores) if self.options.loss == "log_loss" else share_by_clipping(scores)
