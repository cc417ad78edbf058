"""The most frequent class, as a baseline."""

from __future__ import annotations

from typing import Any, ClassVar

from pipeline.components.features import Features, Precision
from pipeline.components.options import OptionSchema
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.scored import ShareModel
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse


class ScikitModelMajority(ShareModel):
    """Always answers the training set's most frequent class, and of several the first: a baseline for other models.

    A class's probability is its share of the training examples. Features are ignored.
    """

    name: ClassVar[str] = "scikit_model_majority"
    short_name: ClassVar[str] = "majority"
    learns: ClassVar[bool] = False
    precision: ClassVar[Precision] = "float32"

    class Options(OptionSchema):
        pass

    learnt: ClassVar[Record] = Record({"shares": Array("float64", ("classes",), 0.0, 1.0)})

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from sklearn.dummy import DummyClassifier

        return DummyClassifier(strategy="prior")

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        return {"shares": estimator.class_prior_.copy()}

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        shares = np.array(learnt["shares"])
        if not np.isclose(shares.sum(), 1) or shares.min() <= 0:
            refuse("model.learnt.shares", "numbers that are no shares", "shares above 0 that add up to 1")
        attributes = {
            "class_prior_": shares,
            "n_classes_": len(shares),
            "n_outputs_": 1,
            "sparse_output_": False,
            "_strategy": "prior",
        }
        for name, value in attributes.items():
            setattr(estimator, name, value)

    def score(self, features: Features) -> NDArray[Any]:
        return np.tile(self._estimator.class_prior_, (features.shape[0], 1))
