"""The linear support vector machine: what LIBLINEAR learns of the same options."""

from typing import Any

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features, densify
from pipeline.errors import DocumentError, OptionError
from pipeline.models.scikit_model_linear_svm import ScikitModelLinearSvm

EXAMPLES = make_examples(90)


@pytest.fixture(scope="module", params=["dense", "sparse"])
def features(request: pytest.FixtureRequest) -> Features:
    sparse = TfidfAdapter().fit(EXAMPLES.texts).transform(EXAMPLES.texts)
    return sparse if request.param == "sparse" else densify(sparse, np.float32, "test")


@pytest.mark.parametrize("options", [{}, {"loss": "hinge"}, {"class_weight": "balanced", "fit_intercept": False}])
@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_after_reading_back(
    features: Features, classes: int, options: dict[str, Any]
) -> None:
    truths = make_examples(90, classes=classes).classifications
    reference = LinearSVC(C=0.5, tol=1e-3, random_state=7, **options).fit(features.astype(float), truths)
    model = ScikitModelLinearSvm(C=0.5, tolerance=1e-3, **options).fit(features, truths, seed=7)

    loaded = ScikitModelLinearSvm.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features.astype(float)).tolist()
    # in the order in which a document holds them: the last digit of a sum depends on it
    reference.coef_ = np.ascontiguousarray(reference.coef_)
    expected = reference.decision_function(features.astype(float))
    assert np.array_equal(loaded.score(features).squeeze(), expected)


def test_it_gives_probabilities_when_calibrated_only(features: Features) -> None:
    plain = ScikitModelLinearSvm().fit(features, EXAMPLES.classifications)
    calibrated = ScikitModelLinearSvm(calibration="sigmoid").fit(features, EXAMPLES.classifications)

    assert not plain.gives_probabilities
    best = calibrated.probabilities(features).argmax(axis=1)
    assert [calibrated.classes[number] for number in best] == calibrated.predict(features)


def test_constants_for_another_number_of_classes_are_refused(features: Features) -> None:
    document = ScikitModelLinearSvm().fit(features, EXAMPLES.classifications).to_dict()

    with pytest.raises(DocumentError, match=r"model\.learnt\.intercept: found a float64 array of shape \(1,\)"):
        ScikitModelLinearSvm.from_dict(document | {"learnt": document["learnt"] | {"intercept": np.zeros(1)}})


@pytest.mark.parametrize(
    "options",
    [{"loss": "log_loss"}, {"C": 0}, {"max_iter": 0}, {"tolerance": 0}, {"dual": True}, {"penalty": "l1"}],
    ids=str,
)
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelLinearSvm(**options)
