"""The forests: they are what scikit-learn makes of the same options, in a fraction of the space."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features
from pipeline.errors import DocumentError, OptionError
from pipeline.models.machinery.forest import ForestModel
from pipeline.models.scikit_model_extra_trees import ScikitModelExtraTrees
from pipeline.models.scikit_model_random_forest import ScikitModelRandomForest
from pipeline.serialisation.json_document import read_json, write_json

EXAMPLES = make_examples(120)
ADAPTER = TfidfAdapter().fit(EXAMPLES.texts)
SPARSE = ADAPTER.transform(EXAMPLES.texts)
DENSE = SPARSE.toarray()  # type: ignore[union-attr]
UNSEEN = ADAPTER.transform(make_examples(200, seed=1).texts)
FORESTS: list[tuple[type[ForestModel], type[Any]]] = [
    (ScikitModelRandomForest, RandomForestClassifier),
    (ScikitModelExtraTrees, ExtraTreesClassifier),
]

every_forest = pytest.mark.parametrize(("model", "estimator"), FORESTS, ids=["random-forest", "extra-trees"])
every_model = pytest.mark.parametrize("model", [model for model, _ in FORESTS], ids=["random-forest", "extra-trees"])


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("features", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"criterion": "entropy", "max_depth": 4, "max_features": "log2", "class_weight": "balanced"},
        {"bootstrap": True, "max_samples": 0.5, "class_weight": "balanced_subsample", "max_features": None},
        {"min_samples_leaf": 3, "min_samples_split": 8, "max_features": 0.3, "bootstrap": False},
    ],
    ids=str,
)
@every_forest
def test_it_answers_as_scikit_learn_after_reading_back(
    model: type[ForestModel], estimator: type[Any], options: dict[str, Any], features: Features, classes: int
) -> None:
    truths = make_examples(120, classes=classes).classifications
    reference = estimator(random_state=7, n_estimators=20, **options).fit(features, truths)

    fitted = model(n_estimators=20, **options).fit(features, truths, seed=7)
    loaded = model.from_dict(read_json(write_json(fitted.to_dict())))

    for rows in (UNSEEN, UNSEEN.toarray()):  # type: ignore[union-attr]
        assert loaded.predict(rows) == fitted.predict(rows) == reference.predict(rows).tolist()
        assert np.array_equal(loaded.probabilities(rows), reference.predict_proba(rows))


def test_rows_answer_the_same_whatever_stands_beside_them() -> None:
    fitted = ScikitModelRandomForest(n_estimators=300).fit(SPARSE, EXAMPLES.classifications)
    rows = ADAPTER.transform(make_examples(1_000, seed=2).texts)

    one_by_one = [fitted.probabilities(rows[number : number + 1]) for number in range(0, 1_000, 50)]

    assert np.array_equal(fitted.probabilities(rows)[::50], np.vstack(one_by_one))


@every_forest
def test_its_document_is_a_fraction_of_the_pickled_estimator(
    model: type[ForestModel], estimator: type[Any], tmp_path: Path
) -> None:
    draw = np.random.default_rng(0)
    features = draw.random((400, 30), dtype=np.float32)
    truths = [f"class {number}" for number in draw.integers(3, size=400)]
    joblib.dump(estimator(random_state=0).fit(features, truths), tmp_path / "pickled", compress=3)

    document = write_json(model().fit(features, truths).to_dict())

    assert len(document) < (tmp_path / "pickled").stat().st_size / 2


@every_model
def test_more_or_fewer_trees_than_its_options_say_are_refused(model: type[ForestModel]) -> None:
    document = model(n_estimators=5).fit(DENSE, EXAMPLES.classifications).to_dict()

    for count in (4, 6):
        with pytest.raises(DocumentError, match=r"model\.learnt\.trees\.features: found 5 n_estimators"):
            model.from_dict(document | {"options": document["options"] | {"n_estimators": count}})


@pytest.mark.parametrize(
    "options",
    [{"n_estimators": 0}, {"n_estimators": 10_001}, {"max_samples": 0}, {"max_samples": 1.5}, {"bootstrap": "yes"},
     {"class_weight": "subsample"}, {"n_jobs": 2}, {"max_depth": 0}],
    ids=str,
)  # fmt: skip
@every_model
def test_options_outside_their_range_are_refused(model: type[ForestModel], options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        model(**options)


def test_a_share_of_the_examples_changes_nothing_where_none_are_drawn() -> None:
    fits = [
        ScikitModelExtraTrees(n_estimators=5, max_samples=share).fit(DENSE, EXAMPLES.classifications)
        for share in (None, 0.1)
    ]

    assert write_json(fits[0].get_learnt()) == write_json(fits[1].get_learnt())


@every_model
def test_more_trees_of_more_classes_than_can_be_added_up_are_refused(model: type[ForestModel]) -> None:
    document = model(n_estimators=5).fit(SPARSE, EXAMPLES.classifications).to_dict()
    classes = [f"{number:06}" for number in range(30_000)]
    document["options"] |= {"n_estimators": 5_000}
    document["learnt"] |= {
        "classes": classes,
        "trees": {"features": np.full(5_000, -1, dtype=np.int32), "thresholds": np.zeros(0, dtype=np.float32)},
        "leaves": np.zeros(5_000, dtype=np.int32),
        "shares": np.eye(1, 30_000),
    }

    with pytest.raises(DocumentError, match=r"model\.learnt\.shares: found 5000 trees of 30000 classes"):
        model.from_dict(document)
