"""Complement naive Bayes: what scikit-learn learns of the same options."""

from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import ComplementNB

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import Features, densify
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.scikit_model_complement_naive_bayes import ScikitModelComplementNaiveBayes

EXAMPLES = make_examples(90)


@pytest.fixture(scope="module", params=["dense", "sparse"])
def features(request: pytest.FixtureRequest) -> Features:
    sparse = TfidfAdapter().fit(EXAMPLES.texts).transform(EXAMPLES.texts)
    return sparse if request.param == "sparse" else densify(sparse, np.float32, "test")


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_after_reading_back(features: Features, classes: int, norm: bool) -> None:
    truths = make_examples(90, classes=classes).classifications[:80]
    reference = ComplementNB(alpha=0.1, norm=norm).fit(features[:80].astype(float), truths)
    model = ScikitModelComplementNaiveBayes(alpha=0.1, norm=norm).fit(features[:80], truths)

    loaded = ScikitModelComplementNaiveBayes.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features.astype(float)).tolist()
    assert np.array_equal(loaded.probabilities(features), reference.predict_proba(features.astype(float)))


def test_a_count_beside_which_alpha_is_lost_cannot_be_trained_on() -> None:
    features = np.array([[1e30, 0.0], [0.0, 1.0]], dtype=np.float32)

    with pytest.raises(TrainingError, match="alpha is too small"):
        ScikitModelComplementNaiveBayes().fit(features, ["a", "b"])


def test_weights_of_one_number_cannot_be_scaled() -> None:
    features = np.array([[1.0], [2.0]], dtype=np.float32)

    with pytest.raises(TrainingError, match="a row has one number only"):
        ScikitModelComplementNaiveBayes(norm=True).fit(features, ["a", "b"])


def test_weights_for_another_width_are_refused(features: Features) -> None:
    document = ScikitModelComplementNaiveBayes().fit(features, EXAMPLES.classifications).to_dict()
    weights = document["learnt"]["feature_log_prob"][:, 1:]

    with pytest.raises(DocumentError, match=r"model\.learnt\.feature_log_prob: found a float64 array"):
        ScikitModelComplementNaiveBayes.from_dict(
            document | {"learnt": document["learnt"] | {"feature_log_prob": weights}}
        )


@pytest.mark.parametrize("options", [{"alpha": 0}, {"alpha": 1e10}, {"norm": 1}, {"fit_prior": True}], ids=str)
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelComplementNaiveBayes(**options)
