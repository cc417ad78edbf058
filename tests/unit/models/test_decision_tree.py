"""The decision tree: it is what scikit-learn makes of the same options, and its document holds no more than that."""

from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features
from pipeline.errors import DocumentError, OptionError
from pipeline.models.scikit_model_decision_tree import ScikitModelDecisionTree
from pipeline.serialisation.json_document import read_json, write_json

EXAMPLES = make_examples(120)
ADAPTER = TfidfAdapter().fit(EXAMPLES.texts)
SPARSE = ADAPTER.transform(EXAMPLES.texts)
DENSE = SPARSE.toarray()  # type: ignore[union-attr]
UNSEEN = ADAPTER.transform(make_examples(200, seed=1).texts)


def with_learnt(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a document with other parts among what was learnt."""
    return document | {"learnt": document["learnt"] | parts}


def fit_and_read_back(options: dict[str, Any], features: Features, classes: int = 3) -> ScikitModelDecisionTree:
    truths = make_examples(120, classes=classes).classifications
    fitted = ScikitModelDecisionTree(**options).fit(features, truths, seed=7)
    return ScikitModelDecisionTree.from_dict(read_json(write_json(fitted.to_dict())))


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("features", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"criterion": "entropy", "splitter": "random", "class_weight": "balanced"},
        {"max_depth": 3, "min_samples_leaf": 4, "max_features": "sqrt"},
        {"max_leaf_nodes": 9, "min_samples_split": 10, "max_features": 0.5},
        {"ccp_alpha": 0.01},
    ],
    ids=str,
)
def test_it_answers_as_scikit_learn_after_reading_back(
    options: dict[str, Any], features: Features, classes: int
) -> None:
    truths = make_examples(120, classes=classes).classifications
    reference = DecisionTreeClassifier(random_state=7, **options).fit(features, truths)

    loaded = fit_and_read_back(options, features, classes)

    for rows in (UNSEEN, UNSEEN.toarray()):  # type: ignore[union-attr]
        assert loaded.predict(rows) == reference.predict(rows).tolist()
        assert np.array_equal(loaded.probabilities(rows), reference.predict_proba(rows))


def test_a_tree_that_is_a_single_leaf_answers() -> None:
    loaded = fit_and_read_back({"min_samples_split": 1_000}, SPARSE)

    assert set(loaded.predict(UNSEEN)) == {"class A"}
    assert np.array_equal(loaded.probabilities(UNSEEN[:2]), np.full((2, 3), 1 / 3))


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=f"grown on rows of {ADAPTER.width}"):
        fit_and_read_back({}, SPARSE).predict(np.zeros((1, 2), dtype=np.float32))


def test_a_width_that_nobody_has_memory_for_takes_none() -> None:
    document = ScikitModelDecisionTree().fit(DENSE, EXAMPLES.classifications).to_dict()

    assert ScikitModelDecisionTree.from_dict(with_learnt(document, width=2**31 - 1)).width == 2**31 - 1


def test_documents_that_lie_are_refused_by_path() -> None:
    document = ScikitModelDecisionTree(max_depth=3, min_samples_leaf=5).fit(DENSE, EXAMPLES.classifications).to_dict()
    learnt = document["learnt"]
    features = learnt["trees"]["features"]
    leaves = learnt["leaves"]
    shares = learnt["shares"]
    lies: list[tuple[str, dict[str, Any]]] = [
        ("trees.features", {"trees": learnt["trees"] | {"features": np.sort(features)}}),
        ("trees.features", {"width": int(features.max())}),
        ("leaves", {"leaves": np.full_like(leaves, len(shares))}),
        ("leaves", {"leaves": leaves[:-1]}),
        ("shares", {"shares": shares * 2}),
        ("shares", {"shares": shares / 2}),
        ("shares", {"shares": -shares}),
    ]

    for path, parts in lies:
        with pytest.raises(DocumentError, match=rf"model\.learnt\.{path}"):
            ScikitModelDecisionTree.from_dict(with_learnt(document, **parts))


@pytest.mark.parametrize(
    "options",
    [{"max_depth": 0}, {"max_depth": 1_001}, {"min_samples_split": 1}, {"min_samples_leaf": 0}, {"max_features": 0},
     {"max_features": 1.5}, {"max_features": "all"}, {"max_leaf_nodes": 1}, {"ccp_alpha": -0.1}, {"splitter": "worst"},
     {"criterion": "squared_error"}, {"class_weight": "heavy"}, {"random_state": 1}],
    ids=str,
)  # fmt: skip
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelDecisionTree(**options)


def test_every_number_of_a_row_is_what_one_means_in_a_fraction() -> None:
    assert ScikitModelDecisionTree(max_features=1).make_estimator(0).max_features == 1.0
    assert type(ScikitModelDecisionTree(max_features=1).make_estimator(0).max_features) is float
