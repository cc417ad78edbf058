"""The base class of decision trees and forests, whose leaves hold probabilities that are averaged over the trees."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline.components.features import Features
from pipeline.components.options import ActiveWhen
from pipeline.lazy import NDArray, np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.scored import ShareModel
from pipeline.models.machinery.trees import TreesModel, Walk, add_in_order
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.decision_trees import MOST_DEPTH, Links, Trees, pack_trees
from pipeline.serialisation.schema import refuse

_NEAR = 1e-6
_MOST_SUMMANDS = 2**27  # of a row, about a tenth of a second


def declare_forest(trees: str | int) -> Record:
    """Return what a forest learns; `trees` is how many trees it has, or the option that says how many.

    Most leaves are equal, so each distribution over the classes is stored once, in `shares`, and `leaves` holds for
    each leaf the number of its distribution.
    """
    return Record(
        {
            "trees": Trees(trees, "leaves", "width"),
            "leaves": Array("int32", ("leaves",), minimum=0),
            "shares": Array("float64", ("shares", "classes"), 0.0, 1.0),
        }
    )


class TreeOptions(CalibratedOptions):
    """The options of a tree."""

    criterion: Literal["gini", "entropy"] = Field(
        default="gini",
        description="How the mixture of classes in a node is measured; the split that lowers it most is chosen.",
    )
    max_depth: Annotated[int, Field(ge=1, le=MOST_DEPTH)] | None = Field(
        default=None, description=f"How many splits may lead to a leaf; null: {MOST_DEPTH:,}."
    )
    min_samples_split: int = Field(
        default=2, ge=2, le=1_000_000, description="A node with fewer training examples is not split."
    )
    min_samples_leaf: int = Field(
        default=1, ge=1, le=1_000_000, description="A split that leaves a child fewer training examples is not made."
    )


class ForestOptions(TreeOptions):
    """The options of a forest."""

    n_estimators: int = Field(default=100, ge=1, le=10_000, description="How many trees are grown.")
    max_features: Literal["sqrt", "log2"] | Annotated[float, Field(gt=0, le=1)] | None = Field(
        default="sqrt",
        description="How many of a row's numbers, drawn at random for each split, are considered for it: "
        "the square root or the logarithm of the width, a fraction of it, or null for all.",
    )
    max_samples: Annotated[Annotated[float, Field(gt=0, le=1)] | None, ActiveWhen("bootstrap", (True,))] = Field(
        default=None,
        description="The fraction of the training examples that is drawn for each tree; null: all of them.",
    )
    class_weight: Literal["balanced", "balanced_subsample"] | None = Field(
        default=None,
        description="balanced: examples of rare classes count more, by their share; balanced_subsample: by their "
        "share among those drawn for the tree; null: all count the same.",
    )


class Forest:
    """The trees of a forest, in place of the scikit-learn estimator that grew them."""

    def __init__(self, learnt: dict[str, Any]) -> None:
        self.n_features_in_: int = learnt["width"]
        self._walk = Walk(learnt["trees"], learnt["width"])
        self.trees = self._walk.trees
        self._leaves, self._shares = learnt["leaves"], learnt["shares"]

    @property
    def learnt(self) -> dict[str, Any]:
        """The trees and their leaves, in the form of a document."""
        return {"trees": self._walk.packed, "leaves": self._leaves.copy(), "shares": self._shares.copy()}

    def average(self, features: Features) -> NDArray[np.float64]:
        """Return the mean of the leaves reached, shape (n, classes), summed tree by tree as scikit-learn does."""
        total = np.zeros((features.shape[0], self._shares.shape[1]))
        for batch, leaves in self._walk.find_leaves(features):
            add_in_order(self._shares, self._leaves[leaves], total[batch])
        return total / self._walk.trees


class ForestModel(TreesModel, ShareModel):
    """A model of one or many trees that scikit-learn grows by CART (Breiman et al. 1984)."""

    def score(self, features: Features) -> NDArray[np.float64]:
        return self._estimator.average(features)  # type: ignore[no-any-return]

    def estimator_options(self) -> dict[str, Any]:
        options = super().estimator_options()
        options["max_depth"] = options["max_depth"] or MOST_DEPTH
        if not options.get("bootstrap", True):
            options["max_samples"] = None  # scikit-learn refuses it if it has no effect
        return options

    def read_fitted(self, estimator: Any) -> dict[str, Any]:
        trees = [each.tree_ for each in getattr(estimator, "estimators_", [estimator])]
        asked = ("children_left", "children_right", "feature", "threshold")
        packed, order = pack_trees(
            [Links(tree.children_left < 0, *(getattr(tree, name) for name in asked)) for tree in trees]
        )
        # tree by tree first, because the distributions of all leaves together are as large as the forest
        distinct, numbers, count = [], [], 0
        for tree in trees:
            is_leaf = tree.children_left < 0
            shares, inverse = np.unique(tree.value[is_leaf, 0], axis=0, return_inverse=True)
            numbers.append(np.zeros(len(is_leaf), dtype=np.int64))
            numbers[-1][is_leaf] = count + inverse.ravel()
            distinct.append(shares)
            count += len(shares)
        shares, merged = np.unique(np.concatenate(distinct), axis=0, return_inverse=True)
        leaves = merged.ravel()[np.concatenate(numbers)[order]]
        return {"trees": packed, "leaves": leaves.astype(np.int32), "shares": shares}

    def make_fitted(self, learnt: dict[str, Any]) -> Forest:
        leaves, shares = learnt["leaves"], learnt["shares"]
        if leaves.max() >= len(shares):
            refuse("model.learnt.leaves", f"a leaf of distribution {leaves.max()}", f"0 to {len(shares) - 1}")
        if np.any(np.abs(shares.sum(axis=1) - 1) > _NEAR):
            refuse("model.learnt.shares", "shares of another sum", "for each leaf, shares that add up to 1")
        forest = Forest(learnt)
        if forest.trees * shares.shape[1] > _MOST_SUMMANDS:
            refuse(
                "model.learnt.shares",
                f"{forest.trees} trees of {shares.shape[1]} classes",
                f"at most {_MOST_SUMMANDS} in trees × classes",
            )
        return forest
