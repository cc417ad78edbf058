"""Random forest."""

from typing import Any, ClassVar

from pydantic import Field

from pipeline.models.machinery.forest import ForestModel, ForestOptions, declare_forest
from pipeline.serialisation.containers import Record
from pipeline.threads import count_tree_threads


class ScikitModelRandomForest(ForestModel):
    """Trees that each grow on examples drawn for the tree and on numbers drawn for each split (Breiman 2001).

    It answers with the mean of its trees (doi:10.1023/A:1010933404324). It tolerates noise, and its default options
    suit most data.
    """

    name: ClassVar[str] = "scikit_model_random_forest"
    short_name: ClassVar[str] = "random-forest"
    sized_by: ClassVar[dict[str, str]] = {"trees": "n_estimators"}

    class Options(ForestOptions):
        bootstrap: bool = Field(
            default=True,
            description="Whether each tree grows on examples drawn with replacement, or on the whole training set.",
        )

    learnt: ClassVar[Record] = declare_forest("n_estimators")

    def make_estimator(self, seed: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(random_state=seed, n_jobs=count_tree_threads(), **self.estimator_options())
