"""The multi-layer perceptron: it is what scikit-learn makes of the same options."""

import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.scikit_model_mlp import ScikitModelMlp
from pipeline.serialisation.json_document import read_json, write_json

EXAMPLES = make_examples(120)
ADAPTER = TfidfAdapter().fit(EXAMPLES.texts)
SPARSE = ADAPTER.transform(EXAMPLES.texts)
DENSE = SPARSE.toarray()  # type: ignore[union-attr]
UNSEEN = ADAPTER.transform(make_examples(200, seed=1).texts)


def with_learnt(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a document with other parts among what was learnt."""
    return document | {"learnt": document["learnt"] | parts}


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("features", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"solver": "lbfgs", "hidden_layer_sizes": [8, 5], "activation": "tanh", "alpha": 0.1},
        {"solver": "sgd", "learning_rate_init": 0.1, "batch_size": 16, "activation": "logistic"},
        {"early_stopping": True, "n_iter_no_change": 3, "hidden_layer_sizes": [6], "activation": "identity"},
    ],
    ids=str,
)
def test_it_answers_as_scikit_learn_after_reading_back(
    options: dict[str, Any], features: Features, classes: int
) -> None:
    truths = make_examples(120, classes=classes).classifications
    reference = MLPClassifier(random_state=7, **({"max_iter": 30, "tol": 1e-4} | options))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference.fit(features, truths)

    fitted = ScikitModelMlp(max_iter=30, **options).fit(features, truths, seed=7)
    loaded = ScikitModelMlp.from_dict(read_json(write_json(fitted.to_dict())))

    for rows in (UNSEEN, UNSEEN.toarray()):  # type: ignore[union-attr]
        assert loaded.predict(rows) == fitted.predict(rows) == reference.predict(rows).tolist()
        assert np.array_equal(loaded.probabilities(rows), fitted.probabilities(rows))
        assert np.array_equal(loaded.probabilities(rows), reference.predict_proba(rows))


def test_its_document_is_smaller_than_the_pickled_estimator(tmp_path: Path) -> None:
    reference = MLPClassifier(max_iter=500).fit(SPARSE, EXAMPLES.classifications)
    joblib.dump(reference, tmp_path / "pickled", compress=3)

    document = write_json(ScikitModelMlp().fit(SPARSE, EXAMPLES.classifications).to_dict())

    assert len(document) < (tmp_path / "pickled").stat().st_size


def test_documents_that_lie_are_refused_by_path() -> None:
    document = ScikitModelMlp(hidden_layer_sizes=[5, 4]).fit(DENSE, EXAMPLES.classifications).to_dict()
    learnt = document["learnt"]
    lies: list[tuple[str, dict[str, Any]]] = [
        ("coef_1", {"width": ADAPTER.width + 1}),
        ("coef_2", {"coef_2": learnt["coef_2"].T.copy()}),
        ("intercept_3", {"intercept_3": learnt["intercept_3"][:1]}),
        ("coef_3", {"coef_3": np.full_like(learnt["coef_3"], np.inf)}),
        ("coef_2", {"coef_2": learnt["coef_2"].astype(np.float64)}),
    ]

    for path, parts in lies:
        with pytest.raises(DocumentError, match=rf"model\.learnt\.{path}"):
            ScikitModelMlp.from_dict(with_learnt(document, **parts))
    with pytest.raises(DocumentError, match=r"model\.learnt\.coef_2"):
        ScikitModelMlp.from_dict(document | {"options": document["options"] | {"hidden_layer_sizes": [5, 5]}})


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_that_overflow_still_give_a_class(classes: int) -> None:
    truths = make_examples(120, classes=classes).classifications
    document = ScikitModelMlp(hidden_layer_sizes=[5, 4]).fit(DENSE, truths).to_dict()
    huge = {name: np.full_like(part, 3e38) for name, part in document["learnt"].items() if isinstance(part, np.ndarray)}

    loaded = ScikitModelMlp.from_dict(with_learnt(document, **huge))

    assert set(loaded.predict(UNSEEN)) <= set(truths)


def test_steps_that_lead_out_of_all_numbers_cannot_be_trained_on() -> None:
    features = np.array([[1e30, 1.0], [1.0, 1e30]] * 4, dtype=np.float32)

    with pytest.raises(TrainingError, match="cannot learn from these features"):
        ScikitModelMlp(solver="sgd", learning_rate_init=10.0, activation="identity").fit(features, ["a", "b"] * 4)


@pytest.mark.parametrize(
    "options",
    [{"hidden_layer_sizes": []}, {"hidden_layer_sizes": [0]}, {"hidden_layer_sizes": [8] * 6},
     {"hidden_layer_sizes": 100}, {"activation": "softmax"}, {"solver": "newton"}, {"alpha": -1.0}, {"batch_size": 0},
     {"learning_rate_init": 0}, {"max_iter": 0}, {"n_iter_no_change": 0}, {"tolerance": 0}, {"early_stopping": 1}],
    ids=str,
)  # fmt: skip
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelMlp(**options)


def test_early_stopping_refuses_a_class_of_one_example_as_other_models_do() -> None:
    truths = ["class Z", *make_examples(120).classifications[1:]]

    with pytest.raises(TrainingError, match="cannot learn from these features") as caught:
        ScikitModelMlp(early_stopping=True, max_iter=5).fit(DENSE, truths)

    assert "set early_stopping to false" in caught.value.next_step


def test_it_tells_whether_training_came_to_its_end() -> None:
    cut_short = ScikitModelMlp(max_iter=1).fit(DENSE, EXAMPLES.classifications)
    ended = ScikitModelMlp(max_iter=5_000).fit(DENSE, EXAMPLES.classifications)

    assert (cut_short.converged, ended.converged) == (False, True)
