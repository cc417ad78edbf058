"""k nearest neighbours."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from pipeline.components.features import Features, is_sparse
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.scored import ShareModel
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse
from pipeline.serialisation.sparse import Rows, pack_rows, unpack_rows


class ScikitModelKNearestNeighbours(ShareModel):
    """A vote among the training examples that are nearest to an example (Cover and Hart 1967); the search is exact.

    Its document contains the features of the whole training set, and each answer takes time in proportion to them. Of
    equally near training examples, the earlier ones vote; of classes with equally many votes, the first is chosen.
    """

    name: ClassVar[str] = "scikit_model_k_nearest_neighbours"
    short_name: ClassVar[str] = "k-nearest-neighbours"

    class Options(CalibratedOptions):
        n_neighbors: int = Field(
            default=5, ge=1, le=1_000, description="How many training examples vote; more is smoother."
        )
        weights: Literal["uniform", "distance"] = Field(
            default="uniform", description="uniform: all votes count the same; distance: a vote counts 1 / distance."
        )
        metric: Literal["cosine", "euclidean", "manhattan"] = Field(
            default="cosine",
            description="How the distance of two examples is measured; cosine compares their directions only.",
        )

    learnt: ClassVar[Record] = Record({"rows": Rows("rows", "width"), "targets": Array("int32", ("rows",), minimum=0)})

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from pipeline.models.machinery.estimators.neighbours import ReproducibleNeighbours

        return ReproducibleNeighbours(algorithm="brute", **self.estimator_options())

    def score(self, features: Features) -> NDArray[np.float64]:
        return self._estimator.predict_proba(self._prepare(features))  # type: ignore[no-any-return]

    @property
    def remedy(self) -> str:
        fewer = "choose fewer neighbours"
        return f"{fewer}, or no calibration, which learns from a part of the examples" if self.calibration else fewer

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        if self.options.n_neighbors > len(targets):
            raise TrainingError(
                self.name,
                f"n_neighbors is {self.options.n_neighbors}, and there are {len(targets)} training examples",
                f"n_neighbors from 1 to {len(targets)}",
                "choose fewer neighbours, or a span that holds more examples",
            )
        super().fit_estimator(features, targets, seed)

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        # nothing is lost, because these are rows of the features, which are float32
        return {"rows": pack_rows(estimator._fit_X), "targets": estimator._y.astype(np.int32)}  # noqa: SLF001

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        targets, classes = np.array(learnt["targets"], dtype=np.int64), len(estimator.classes_)
        if not np.array_equal(np.unique(targets), estimator.classes_):
            refuse("model.learnt.targets", "other classes", f"0 to {classes - 1}, each at least once")
        if self.options.n_neighbors > len(targets):
            refuse("model.options.n_neighbors", str(self.options.n_neighbors), f"1 to {len(targets)}, as many as rows")
        attributes = {
            "_fit_X": unpack_rows(learnt["rows"], learnt["width"], np.float64),
            "_y": targets,
            "_fit_method": "brute",
            "outputs_2d_": False,
        }
        for name, value in attributes.items():
            setattr(estimator, name, value)
        # rows are compared with rows in the same form, and a document may hold another form than its adapter gives
        vars(self)["takes_sparse"] = is_sparse(attributes["_fit_X"])
