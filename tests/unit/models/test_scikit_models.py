"""The models over scikit-learn: they are what scikit-learn makes of the same options."""

from typing import Any

import numpy as np
import pytest
import structlog
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import SVC
from sklearn.utils.multiclass import _ovr_decision_function

from corpus import make_examples
from pipeline.adapters.word_frequency_adapter import WordFrequencyAdapter
from pipeline.components.features import Features
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.machinery.estimators.support_vector_classifier import score_votes
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.models.scikit_model_svm import ScikitModelSvm

EXAMPLES = make_examples(90)


@pytest.fixture(scope="module")
def features() -> Features:
    return WordFrequencyAdapter(14, 50).fit(EXAMPLES.texts).transform(EXAMPLES.texts)


def with_learnt(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a document with other parts among what was learnt."""
    return document | {"learnt": document["learnt"] | parts}


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_svm_answers_as_scikit_learn_after_reading_back(features: Features, kernel: str, classes: int) -> None:
    truths = make_examples(90, classes=classes).classifications
    reference = SVC(kernel=kernel, C=0.5, tol=1e-4, degree=2, coef0=0.5).fit(features.astype(float), truths)
    model = ScikitModelSvm(kernel=kernel, C=0.5, tolerance=1e-4, degree=2, coef0=0.5).fit(features, truths)

    loaded = ScikitModelSvm.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features.astype(float)).tolist()
    expected = reference.decision_function(features.astype(float))
    assert np.allclose(loaded._estimator.decision_function(features.astype(float)), expected, rtol=1e-9, atol=1e-9)


def test_the_regression_answers_as_scikit_learn_after_reading_back(features: Features) -> None:
    reference = LogisticRegression(C=0.1, max_iter=1_000, class_weight="balanced")
    reference.fit(features, EXAMPLES.classifications)
    model = ScikitModelLogisticRegression(C=0.1, class_weight="balanced").fit(features, EXAMPLES.classifications)

    loaded = ScikitModelLogisticRegression.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features).tolist()


@pytest.mark.parametrize("fit_prior", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
def test_naive_bayes_answers_as_scikit_learn_after_reading_back(
    features: Features, classes: int, fit_prior: bool
) -> None:
    truths = make_examples(90, classes=classes).classifications[:80]
    reference = MultinomialNB(alpha=0.1, fit_prior=fit_prior).fit(features[:80].astype(float), truths)
    model = ScikitModelMultinomialNaiveBayes(alpha=0.1, fit_prior=fit_prior).fit(features[:80], truths)

    loaded = ScikitModelMultinomialNaiveBayes.from_dict(model.to_dict())

    assert loaded.predict(features) == reference.predict(features.astype(float)).tolist()
    assert np.array_equal(loaded.score(features), reference.predict_joint_log_proba(features))


@pytest.mark.parametrize("alpha", [5e-324, 1e9])
def test_naive_bayes_learns_finite_numbers_from_any_alpha(alpha: float) -> None:
    features = np.array([[3e38, 0, 0], [0, 1e-45, 0], [0, 0, 0]], dtype=np.float32)
    model = ScikitModelMultinomialNaiveBayes(alpha=alpha).fit(features, ["a", "b", "c"])

    loaded = ScikitModelMultinomialNaiveBayes.from_dict(model.to_dict())

    assert loaded.predict(features) == model.predict(features)


def test_naive_bayes_without_features_is_refused(features: Features) -> None:
    document = ScikitModelMultinomialNaiveBayes().fit(features, EXAMPLES.classifications).to_dict()

    with pytest.raises(
        DocumentError, match=r"model\.learnt\.feature_log_prob: found a float64 array of shape \(3, 0\)"
    ):
        ScikitModelMultinomialNaiveBayes.from_dict(with_learnt(document, feature_log_prob=np.zeros((3, 0))))


@pytest.mark.parametrize("options", [{"alpha": 0}, {"alpha": -1.0}, {"alpha": 1e10}, {"fit_prior": 1}], ids=str)
def test_naive_bayes_refuses_options_outside_their_range(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelMultinomialNaiveBayes(**options)


def test_counts_that_would_lead_out_of_the_support_vectors_are_refused(features: Features) -> None:
    document = ScikitModelSvm().fit(features, EXAMPLES.classifications).to_dict()
    counts = document["learnt"]["support_counts"].copy()
    counts[0] += 1

    with pytest.raises(DocumentError, match=r"model\.learnt\.support_counts"):
        ScikitModelSvm.from_dict(with_learnt(document, support_counts=counts))


def test_classes_out_of_order_or_doubled_are_refused(features: Features) -> None:
    document = ScikitModelSvm().fit(features, EXAMPLES.classifications).to_dict()

    for classes in (["b", "a", "c"], ["a", "a", "b"], ["a"], ["a", "b", 3]):
        with pytest.raises(DocumentError, match=r"model\.learnt\.classes"):
            ScikitModelSvm.from_dict(with_learnt(document, classes=classes))


def test_options_are_checked_when_read_back(features: Features) -> None:
    document = ScikitModelSvm().fit(features, EXAMPLES.classifications).to_dict()

    with pytest.raises(DocumentError, match=r"model\.options\.C: got -1\.0; input should be greater than 0"):
        ScikitModelSvm.from_dict(document | {"options": document["options"] | {"C": -1.0}})


def test_training_cut_short_is_a_logged_warning_not_an_error(features: Features) -> None:
    with structlog.testing.capture_logs() as logs:
        ScikitModelLogisticRegression(max_iter=1).fit(features, EXAMPLES.classifications)

    assert [entry["warning"] for entry in logs] == ["ConvergenceWarning"]
    assert "raise max_iter" in logs[0]["next_step"]


def test_numbers_that_overflow_in_the_kernel_cannot_be_trained_on() -> None:
    features = np.array([[1e30, 1.0], [1.0, 1e30]] * 4, dtype=np.float32)

    with pytest.raises(TrainingError, match="cannot learn from these features"):
        ScikitModelSvm(kernel="poly", degree=100, gamma=1.0).fit(features, ["a", "b"] * 4)


@pytest.mark.parametrize(
    "options",
    [{"kernel": "precomputed"}, {"gamma": 0}, {"gamma": "big"}, {"tolerance": 0}, {"degree": 3.5}, {"max_iter": 0},
     {"class_weight": "heavy"}, {"C": float("inf")}, {"probability": True}, {"random_state": 1}],
    ids=str,
)  # fmt: skip
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelSvm(**options)


def test_options_are_taken_by_position_in_their_order() -> None:
    assert ScikitModelSvm("poly", 4, 1e-2).options == ScikitModelSvm(kernel="poly", degree=4, tolerance=0.01).options


@pytest.mark.parametrize("classes", [3, 4, 20])
def test_the_svm_counts_votes_as_scikit_learn(classes: int) -> None:
    draw = np.random.default_rng(classes)
    decisions = draw.normal(size=(120, classes * (classes - 1) // 2))

    assert np.array_equal(score_votes(decisions, classes), _ovr_decision_function(decisions < 0, -decisions, classes))
