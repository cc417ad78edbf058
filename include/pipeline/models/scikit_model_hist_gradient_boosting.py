"""Gradient boosting over histograms."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.components.features import Features, densify
from pipeline.components.options import ActiveWhen
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import ROWS, CalibratedOptions
from pipeline.models.machinery.scored import ScoreModel
from pipeline.models.machinery.shares import share_by_softmax
from pipeline.models.machinery.trees import TreesModel, Walk, add_in_order
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.decision_trees import MOST_DEPTH, Links, Trees, pack_trees
from pipeline.serialisation.schema import refuse
from pipeline.threads import limit_threads


class ScikitModelHistGradientBoosting(TreesModel, ScoreModel):
    """Small trees grown one after another, each on the errors of those before it (Friedman 2001).

    Each number of a row is first put into one of a few bins, as in LightGBM (Ke et al. 2017). With more than two
    classes, each round grows one tree for each class. It learns from dense features only, in time proportional to their
    width, so give it one or two thousand terms (`max_features`), not all.
    """

    name: ClassVar[str] = "scikit_model_hist_gradient_boosting"
    short_name: ClassVar[str] = "hist-gradient-boosting"
    sized_by: ClassVar[dict[str, str]] = {"iterations": "max_iter"}
    takes_sparse: ClassVar[bool] = False

    class Options(CalibratedOptions):
        learning_rate: float = Field(
            default=0.1,
            gt=0,
            le=1,
            description="The factor by which each tree's answer is multiplied; a lower rate needs more rounds.",
        )
        max_iter: int = Field(default=100, ge=1, le=10_000, description="Training stops after this many rounds.")
        max_leaf_nodes: Annotated[int, Field(ge=2, le=1_000_000)] | None = Field(
            default=31, description="How many leaves a tree may have; null: any number."
        )
        max_depth: Annotated[int, Field(ge=1, le=MOST_DEPTH)] | None = Field(
            default=None, description=f"How many splits may lead to a leaf; null: {MOST_DEPTH:,}."
        )
        min_samples_leaf: int = Field(
            default=20,
            ge=1,
            le=1_000_000,
            description="A split that leaves a child fewer training examples is not made.",
        )
        l2_regularization: float = Field(
            default=0.0, ge=0, le=1e9, description="How much large values of leaves cost; higher is smoother."
        )
        max_features: float = Field(
            default=1.0,
            gt=0,
            le=1,
            description="The fraction of a row's numbers, drawn at random for each split, that is considered for it.",
        )
        max_bins: int = Field(
            default=255,
            ge=2,
            le=255,
            description="The largest number of bins into which a number's values are divided.",
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: examples of rare classes count more, by their share; null: all count the same.",
        )
        early_stopping: bool = Field(
            default=False,
            description="Whether training stops once it no longer improves on examples that it sets aside for that.",
        )
        validation_fraction: Annotated[float, ActiveWhen("early_stopping", (True,))] = Field(
            default=0.1,
            ge=0.01,
            le=0.9,
            description="The fraction of the training examples that early_stopping sets aside.",
        )
        n_iter_no_change: Annotated[int, ActiveWhen("early_stopping", (True,))] = Field(
            default=10,
            ge=1,
            le=10_000,
            description="The number of rounds without improvement after which early_stopping stops training.",
        )

    learnt: ClassVar[Record] = Record(
        {
            "trees": Trees("trees", "leaves", "width"),
            "values": Array("float64", ("leaves",)),
            "baseline": Array("float64", (ROWS,)),
        }
    )

    def make_estimator(self, seed: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        options = self.estimator_options()
        options["max_depth"] = options["max_depth"] or MOST_DEPTH
        return HistGradientBoostingClassifier(random_state=seed, **options)

    def _prepare(self, features: Features) -> Any:
        # only growing trees needs all numbers as dense float64; following them does not
        return features.astype(np.float32, copy=False)

    def fit_estimator(self, features: Any, targets: NDArray[np.int64], seed: int) -> None:
        with limit_threads():
            super().fit_estimator(densify(features, np.float64, self.name), targets, seed)

    def read_fitted(self, estimator: Any) -> dict[str, Any]:
        trees = [tree.nodes for trees_of_round in estimator._predictors for tree in trees_of_round]  # noqa: SLF001
        asked = ("is_leaf", "left", "right", "feature_idx", "num_threshold")
        packed, order = pack_trees([Links(*(nodes[name] for name in asked)) for nodes in trees])
        return {
            "trees": packed,
            "values": np.concatenate([nodes["value"] for nodes in trees])[order],
            "baseline": estimator._baseline_prediction.ravel(),  # noqa: SLF001
        }

    def make_fitted(self, learnt: dict[str, Any]) -> Any:
        boosted = _Boosted(learnt)
        a_round, most = len(learnt["baseline"]), self.options.max_iter
        if boosted.walk.trees % a_round or boosted.walk.trees > a_round * most:
            refuse(
                "model.learnt.trees.features",
                f"{boosted.walk.trees} trees",
                f"{a_round} for each of at most {most} rounds",
            )
        return boosted

    def score(self, features: Features) -> NDArray[np.float64]:
        return self._estimator.add_up(features)  # type: ignore[no-any-return]

    def share(self, scores: NDArray[Any]) -> NDArray[Any]:
        return share_by_softmax(scores)


class _Boosted:
    """Trees whose values are added up, in place of the scikit-learn estimator that grew them."""

    def __init__(self, learnt: dict[str, Any]) -> None:
        self.n_features_in_: int = learnt["width"]
        self.walk = Walk(learnt["trees"], learnt["width"])
        self._values, self._baseline = learnt["values"], learnt["baseline"]

    @property
    def learnt(self) -> dict[str, Any]:
        return {"trees": self.walk.packed, "values": self._values.copy(), "baseline": self._baseline.copy()}

    def add_up(self, features: Features) -> NDArray[np.float64]:
        """Return a score for each class, or for two classes the second's, summed by round as scikit-learn does."""
        a_round = len(self._baseline)
        total = np.zeros((features.shape[0], a_round), order="F")  # by columns, because softmax sums over them
        total += self._baseline
        for batch, leaves in self.walk.find_leaves(features):
            add_in_order(self._values, leaves.reshape(len(leaves), -1, a_round), total[batch])
        return total
