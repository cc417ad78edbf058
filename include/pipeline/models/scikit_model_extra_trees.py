"""Extremely randomised trees."""

from typing import Any, ClassVar

from pydantic import Field

from pipeline.models.machinery.forest import ForestModel, ForestOptions, declare_forest
from pipeline.serialisation.containers import Record
from pipeline.threads import count_tree_threads


class ScikitModelExtraTrees(ForestModel):
    """A forest whose splits are the best of thresholds drawn at random (Geurts, Ernst and Wehenkel 2006).

    It answers with the mean of its trees (doi:10.1007/s10994-006-6226-1), and trains faster than a random forest.
    """

    name: ClassVar[str] = "scikit_model_extra_trees"
    short_name: ClassVar[str] = "extra-trees"
    sized_by: ClassVar[dict[str, str]] = {"trees": "n_estimators"}

    class Options(ForestOptions):
        bootstrap: bool = Field(
            default=False,
            description="Whether each tree grows on examples drawn with replacement, or on the whole training set.",
        )

    learnt: ClassVar[Record] = declare_forest("n_estimators")

    def make_estimator(self, seed: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(random_state=seed, n_jobs=count_tree_threads(), **self.estimator_options())
