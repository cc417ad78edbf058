"""Decision tree."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.models.machinery.forest import ForestModel, TreeOptions, declare_forest
from pipeline.serialisation.containers import Record


class ScikitModelDecisionTree(ForestModel):
    """A single decision tree, each split of which compares one number of a row: CART (Breiman et al. 1984).

    It answers fast and people can read it, but it overfits unless its growth is limited.
    """

    name: ClassVar[str] = "scikit_model_decision_tree"
    short_name: ClassVar[str] = "decision-tree"

    class Options(TreeOptions):
        splitter: Literal["best", "random"] = Field(
            default="best",
            description="Whether each number's best threshold is considered, or one drawn at random.",
        )
        max_features: Literal["sqrt", "log2"] | Annotated[float, Field(gt=0, le=1)] | None = Field(
            default=None,
            description="How many of a row's numbers, drawn at random for each split, are considered for it: "
            "the square root or the logarithm of the width, a fraction of it, or null for all.",
        )
        max_leaf_nodes: Annotated[int, Field(ge=2, le=1_000_000)] | None = Field(
            default=None, description="How many leaves the tree may have, grown best first; null: any number."
        )
        ccp_alpha: float = Field(
            default=0.0,
            ge=0,
            le=1e9,
            description="How much each leaf costs when the grown tree is pruned; 0: it is not pruned.",
        )
        class_weight: Literal["balanced"] | None = Field(
            default=None,
            description="balanced: examples of rare classes count more, by their share; null: all count the same.",
        )

    learnt: ClassVar[Record] = declare_forest(1)

    def make_estimator(self, seed: int) -> Any:
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(random_state=seed, **self.estimator_options())
