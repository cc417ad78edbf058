"""Multi-layer perceptron."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.components.features import Features, Precision
from pipeline.components.options import ActiveWhen
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import ROWS, CalibratedOptions
from pipeline.models.machinery.scored import ShareModel
from pipeline.models.machinery.shares import share_by_softmax
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse

_FLOATS = ("float32", "float64")
_BY_STEPS = ("adam", "sgd")


def _activate(activation: str, values: NDArray[Any]) -> None:
    """Apply an activation to a layer's sums, in place."""
    if activation == "relu":
        np.maximum(values, 0, out=values)
    elif activation == "tanh":
        np.tanh(values, out=values)
    elif activation == "logistic":
        from scipy.special import expit

        expit(values, out=values)


class ScikitModelMlp(ShareModel):
    """A neural network of a few layers, each fully connected to the next, trained by backpropagation.

    Training takes many passes, each in time proportional to the width times the size of the first layer.
    """

    name: ClassVar[str] = "scikit_model_mlp"
    short_name: ClassVar[str] = "mlp"
    sized_by: ClassVar[dict[str, str]] = {"iterations": "max_iter"}

    class Options(CalibratedOptions):
        hidden_layer_sizes: Annotated[
            list[Annotated[int, Field(ge=4, le=1_000)]], Field(min_length=1, max_length=5)
        ] = Field(default=[100], description="The number of units in each hidden layer, from the first to the last.")
        activation: Literal["relu", "tanh", "logistic", "identity"] = Field(
            default="relu",
            description="The function that a hidden unit applies to its inputs' sum; with identity, the model is "
            "linear.",
        )
        solver: Literal["adam", "sgd", "lbfgs"] = Field(
            default="adam",
            description="adam (Kingma and Ba 2015) and sgd learn batch by batch, lbfgs from the whole training set at "
            "once, which suits small ones.",
        )
        alpha: float = Field(default=1e-4, ge=0, le=1e9, description="How much large weights cost; higher is smoother.")
        batch_size: Annotated[
            Literal["auto"] | Annotated[int, Field(ge=1, le=100_000)], ActiveWhen("solver", _BY_STEPS)
        ] = Field(default="auto", description="How many examples a step learns from; auto: at most 200.")
        learning_rate_init: Annotated[float, ActiveWhen("solver", _BY_STEPS)] = Field(
            default=1e-3, gt=0, le=10, description="The step size at the start."
        )
        max_iter: int = Field(
            default=500, ge=1, le=100_000, description="Training stops after this many passes over the training set."
        )
        early_stopping: Annotated[bool, ActiveWhen("solver", _BY_STEPS)] = Field(
            default=False,
            description="Whether training stops once it no longer improves on a tenth of the training set that it sets "
            "aside for that; if not, once it no longer improves on the whole training set.",
        )
        n_iter_no_change: Annotated[int, ActiveWhen("solver", _BY_STEPS)] = Field(
            default=10,
            ge=1,
            le=100_000,
            description="The number of passes without improvement after which training stops; lbfgs ignores it.",
        )
        tolerance: float = Field(
            default=1e-4, ge=1e-10, le=1.0, description="A smaller gain does not count as improvement."
        )

    learnt: ClassVar[Record] = Record({})
    precision: ClassVar[Precision] = "float32"

    def declare(self) -> Record:
        layers: dict[str, Array] = {}
        for number, (inputs, units) in enumerate(pairwise(["width", *self.options.hidden_layer_sizes, ROWS]), 1):
            layers[f"coef_{number}"] = Array(_FLOATS, (inputs, units))
            layers[f"intercept_{number}"] = Array(_FLOATS, (units,))
        return Record(dict(super().declare().fields) | layers)

    def make_estimator(self, seed: int) -> Any:
        from pipeline.models.machinery.estimators.perceptron import Perceptron

        options = self.estimator_options()
        return Perceptron(tol=options.pop("tolerance"), random_state=seed, **options)

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        learnt: dict[str, Any] = {}
        for number, (coef, intercept) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True), 1):
            learnt |= {f"coef_{number}": coef.copy(), f"intercept_{number}": intercept.copy()}
        return learnt

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        from sklearn.preprocessing import LabelBinarizer

        dtype = learnt["coef_1"].dtype
        for name, part in learnt.items():
            if isinstance(part, np.ndarray) and part.dtype != dtype:
                refuse(f"model.learnt.{name}", f"{part.dtype} numbers", f"{dtype}, as in coef_1")
        numbers = range(1, len(self.options.hidden_layer_sizes) + 2)
        estimator.coefs_ = [np.array(learnt[f"coef_{number}"], order="C") for number in numbers]
        estimator.intercepts_ = [np.array(learnt[f"intercept_{number}"]) for number in numbers]
        estimator.n_layers_ = len(numbers) + 1
        estimator.n_outputs_ = len(estimator.intercepts_[-1])
        estimator.out_activation_ = "logistic" if estimator.n_outputs_ == 1 else "softmax"
        estimator._label_binarizer = LabelBinarizer().fit(estimator.classes_)  # noqa: SLF001 - `predict` reads the classes from it

    def score(self, features: Features) -> NDArray[Any]:
        values: Any = self._prepare(features)
        coefs, intercepts = self._estimator.coefs_, self._estimator.intercepts_
        for coef, intercept in zip(coefs[:-1], intercepts[:-1], strict=True):
            values = values @ coef
            values += intercept
            _activate(self.options.activation, values)
        return share_by_softmax(values @ coefs[-1] + intercepts[-1])
