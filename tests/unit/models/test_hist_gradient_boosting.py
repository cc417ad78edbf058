"""Gradient boosting: it is what scikit-learn makes of the same options, on one thread."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.errors import DocumentError, OptionError
from pipeline.models.scikit_model_hist_gradient_boosting import ScikitModelHistGradientBoosting
from pipeline.serialisation.json_document import read_json, write_json

EXAMPLES = make_examples(120)
ADAPTER = TfidfAdapter().fit(EXAMPLES.texts)
SPARSE = ADAPTER.transform(EXAMPLES.texts)
DENSE = SPARSE.toarray()  # type: ignore[union-attr]
UNSEEN = ADAPTER.transform(make_examples(200, seed=1).texts)
UNSEEN_DENSE = UNSEEN.toarray()  # type: ignore[union-attr]


def with_learnt(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a document with other parts among what was learnt."""
    return document | {"learnt": document["learnt"] | parts}


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": 0.5, "max_iter": 9, "max_leaf_nodes": None, "min_samples_leaf": 1},
        {"max_depth": 2, "l2_regularization": 1.0, "class_weight": "balanced", "max_bins": 5, "min_samples_leaf": 4},
        {"max_features": 0.3, "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 3,
         "min_samples_leaf": 5},
    ],
    ids=str,
)  # fmt: skip
def test_it_answers_as_scikit_learn_after_reading_back(options: dict[str, Any], classes: int) -> None:
    truths = make_examples(120, classes=classes).classifications
    with threadpool_limits(limits=1):
        reference = HistGradientBoostingClassifier(random_state=7, **({"early_stopping": False} | options))
        answers = reference.fit(DENSE, truths).predict(UNSEEN_DENSE).tolist()
        shares, scores = reference.predict_proba(UNSEEN_DENSE), reference.decision_function(UNSEEN_DENSE)

    for features in (SPARSE, DENSE):
        fitted = ScikitModelHistGradientBoosting(**options).fit(features, truths, seed=7)
        loaded = ScikitModelHistGradientBoosting.from_dict(read_json(write_json(fitted.to_dict())))

        for rows in (UNSEEN, UNSEEN_DENSE):
            assert loaded.predict(rows) == fitted.predict(rows) == answers
            assert np.array_equal(loaded.probabilities(rows), shares)
            assert np.array_equal(loaded.score(rows).squeeze(), scores)


def test_the_number_of_threads_changes_nothing() -> None:
    draw = np.random.default_rng(0)
    features = draw.random((5_000, 8), dtype=np.float32)
    truths = [f"class {int(row[0] + row[1] * row[2] > 0.8)}" for row in features]

    documents = set()
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            documents.add(write_json(ScikitModelHistGradientBoosting(max_iter=5).fit(features, truths).to_dict()))

    assert len(documents) == 1


def test_its_document_is_smaller_than_the_pickled_estimator(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    features = draw.random((1_000, 30), dtype=np.float32)
    truths = [f"class {number}" for number in draw.integers(3, size=1_000)]
    with threadpool_limits(limits=1):
        reference = HistGradientBoostingClassifier().fit(features, truths)
    joblib.dump(reference, tmp_path / "pickled", compress=3)

    document = write_json(ScikitModelHistGradientBoosting().fit(features, truths).to_dict())

    assert len(document) < (tmp_path / "pickled").stat().st_size


def test_documents_that_lie_are_refused_by_path() -> None:
    options = {"max_iter": 4, "min_samples_leaf": 5}
    document = ScikitModelHistGradientBoosting(**options).fit(DENSE, EXAMPLES.classifications).to_dict()
    learnt = document["learnt"]
    trees, values = learnt["trees"], learnt["values"]
    lies: list[tuple[str, dict[str, Any]]] = [
        ("trees.features", {"trees": trees | {"features": np.sort(trees["features"])}}),
        ("trees.features", {"width": int(trees["features"].max())}),
        ("values", {"values": values[:-1]}),
        ("values", {"values": np.full_like(values, np.inf)}),
        ("baseline", {"baseline": learnt["baseline"][:1]}),
        ("trees.features: found 4 trees", {
            "trees": {"features": np.full(4, -1, dtype=np.int32), "thresholds": np.zeros(0, dtype=np.float32)},
            "values": np.zeros(4),
        }),
        ("trees.features: found 15 trees", {
            "trees": {"features": np.full(15, -1, dtype=np.int32), "thresholds": np.zeros(0, dtype=np.float32)},
            "values": np.zeros(15),
        }),
    ]  # fmt: skip

    for path, parts in lies:
        with pytest.raises(DocumentError, match=rf"model\.learnt\.{path}"):
            ScikitModelHistGradientBoosting.from_dict(with_learnt(document, **parts))


def test_values_that_overflow_when_added_up_still_give_a_class() -> None:
    document = ScikitModelHistGradientBoosting(max_iter=4).fit(DENSE, EXAMPLES.classifications).to_dict()
    huge = np.full_like(document["learnt"]["values"], 1.7e308)

    loaded = ScikitModelHistGradientBoosting.from_dict(with_learnt(document, values=huge))

    assert set(loaded.predict(UNSEEN)) <= {"class A", "class B", "class C"}


@pytest.mark.parametrize(
    "options",
    [{"learning_rate": 0}, {"max_iter": 0}, {"max_leaf_nodes": 1}, {"max_depth": 1_001}, {"min_samples_leaf": 0},
     {"l2_regularization": -1.0}, {"max_features": 0}, {"max_bins": 256}, {"max_bins": 1}, {"early_stopping": "auto"},
     {"validation_fraction": 1}, {"n_iter_no_change": 0}, {"class_weight": "heavy"}],
    ids=str,
)  # fmt: skip
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelHistGradientBoosting(**options)
