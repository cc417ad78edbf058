"""Stochastic gradient descent: what scikit-learn learns of the same options and seed."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features, densify
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.scikit_model_sgd import ScikitModelSgd

EXAMPLES = make_examples(90)


@pytest.fixture(scope="module", params=["dense", "sparse"])
def features(request: pytest.FixtureRequest) -> Features:
    sparse = TfidfAdapter().fit(EXAMPLES.texts).transform(EXAMPLES.texts)
    return sparse if request.param == "sparse" else densify(sparse, np.float32, "test")


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "modified_huber", "penalty": "elasticnet", "l1_ratio": 0.3},
        {"loss": "perceptron", "learning_rate": "constant", "eta0": 1.0},
        {"loss": "squared_hinge", "learning_rate": "invscaling", "eta0": 0.1, "power_t": 0.25, "average": True},
        {"learning_rate": "adaptive", "eta0": 0.1, "early_stopping": True, "class_weight": "balanced"},
    ],
    ids=str,
)
@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_after_reading_back(
    features: Features, classes: int, options: dict[str, Any]
) -> None:
    truths = make_examples(90, classes=classes).classifications
    reference = SGDClassifier(random_state=7, tol=1e-4, **options).fit(features, truths)
    model = ScikitModelSgd(tolerance=1e-4, **options).fit(features, truths, seed=7)

    loaded = ScikitModelSgd.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features).tolist()
    assert np.array_equal(loaded._estimator.coef_, reference.coef_)
    assert loaded._estimator.coef_.dtype == np.float32


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.parametrize("classes", [2, 3])
def test_two_losses_give_probabilities_as_scikit_learn(features: Features, classes: int, loss: str) -> None:
    truths = make_examples(90, classes=classes).classifications
    reference = SGDClassifier(loss=loss, random_state=7).fit(features, truths)
    model = ScikitModelSgd(loss=loss).fit(features, truths, seed=7)

    loaded = ScikitModelSgd.from_dict(model.to_dict())

    assert np.array_equal(loaded.probabilities(features), model.probabilities(features))
    assert np.allclose(loaded.probabilities(features), reference.predict_proba(features), atol=1e-6)


def test_another_loss_gives_no_probabilities(features: Features) -> None:
    model = ScikitModelSgd(loss="hinge").fit(features, EXAMPLES.classifications)

    with pytest.raises(TrainingError, match="does not provide probabilities"):
        model.probabilities(features)


def test_another_seed_gives_another_model(features: Features) -> None:
    one, other = (ScikitModelSgd().fit(features, EXAMPLES.classifications, seed=seed) for seed in (1, 2))

    assert not np.array_equal(one._estimator.coef_, other._estimator.coef_)


def test_too_few_examples_to_set_some_aside_cannot_be_trained_on(features: Features) -> None:
    with pytest.raises(TrainingError, match=r"cannot learn from these features .*set early_stopping to false"):
        ScikitModelSgd(early_stopping=True).fit(features[:4], ["a", "b", "c", "c"])


def test_constants_of_another_type_are_refused(features: Features) -> None:
    document = ScikitModelSgd().fit(features, EXAMPLES.classifications).to_dict()

    with pytest.raises(DocumentError, match=r"model\.learnt\.intercept: found float64 numbers"):
        ScikitModelSgd.from_dict(document | {"learnt": document["learnt"] | {"intercept": np.zeros(3)}})


@pytest.mark.parametrize(
    "options",
    [{"loss": "huber"}, {"penalty": "none"}, {"alpha": 0}, {"l1_ratio": 1.1}, {"eta0": 0}, {"power_t": -1.0},
     {"learning_rate": "pa1"}, {"average": 10}, {"shuffle": False}, {"n_jobs": 1}],
    ids=str,
)  # fmt: skip
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelSgd(**options)
