"""`AdaptedModel`: an adapter and a model that fit each other."""

from typing import Any

import numpy as np
import pytest

from corpus import make_examples
from pipeline.adapters.hashing_adapter import HashingAdapter
from pipeline.adapters.union_adapter import UnionAdapter
from pipeline.adapters.word2vec_adapter import Word2VecAdapter
from pipeline.adapters.word_frequency_adapter import WordFrequencyAdapter
from pipeline.errors import DocumentError, TrainingError
from pipeline.models.machinery.scikit import MOST_CLASSES
from pipeline.models.scikit_model_k_nearest_neighbours import ScikitModelKNearestNeighbours
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.models.scikit_model_majority import ScikitModelMajority
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.training import adapted_model
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit


def make_adapted(**options: Any) -> AdaptedModel:
    adapter = Word2VecAdapter(**({"sequence_length": 14, "vector_size": 8, "pooling": "mean", "epochs": 30} | options))
    return fit(adapter, ScikitModelSvm(), make_examples(150), seed=1)


@pytest.fixture(scope="module")
def trained() -> AdaptedModel:
    return make_adapted()


def test_it_learns_what_can_be_learnt(trained: AdaptedModel) -> None:
    assert trained.accuracy(make_examples(60, seed=9)) > 0.9


def test_accuracy_is_the_share_of_right_answers(trained: AdaptedModel) -> None:
    testing = make_examples(40, seed=9)
    answers = trained.classify(testing)

    right = [answer == truth for answer, truth in zip(answers, testing.classifications, strict=True)]
    assert trained.accuracy(testing) == sum(right) / 40


def test_examples_texts_and_iterators_are_classified_alike(trained: AdaptedModel) -> None:
    examples = make_examples(10, seed=2)

    answers = trained.classify(examples)

    assert trained.classify(list(examples.texts)) == answers
    assert trained.classify(iter(examples.texts)) == answers
    assert trained.classify([]) == []


def test_the_answer_does_not_depend_on_the_batch(trained: AdaptedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = make_examples(25, seed=2).texts
    at_once = trained.classify(texts)

    monkeypatch.setattr(adapted_model, "_MOST_ROWS", 4)

    assert trained.classify(texts) == at_once


@pytest.mark.parametrize("most_rows", [1_024, 4])
@pytest.mark.parametrize("count", [0, 1, 25])
def test_both_answers_come_from_one_adaptation(most_rows: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    adapted = fit(HashingAdapter(n_features=256), ScikitModelLogisticRegression(), make_examples(30))
    texts = make_examples(25, seed=2).texts[:count]
    monkeypatch.setattr(adapted_model, "_MOST_ROWS", most_rows)
    classes, shares = adapted.classify(texts), adapted.probabilities(texts)
    given: list[str] = []
    transform = adapted.adapter.transform

    def watch(part: list[str]) -> Any:
        given.extend(part)
        return transform(part)

    monkeypatch.setattr(adapted.adapter, "transform", watch)

    names, found = adapted.answer(iter(texts))

    assert names == classes
    assert found is not None
    assert np.array_equal(found, shares)
    assert given == list(texts)


def test_a_model_without_probabilities_answers_with_classes_only(trained: AdaptedModel) -> None:
    texts = make_examples(3, seed=2).texts

    assert trained.answer(texts) == (trained.classify(texts), None)
    assert trained.answer([]) == ([], None)


def test_one_class_is_refused_before_the_adapter_is_fitted() -> None:
    adapter = WordFrequencyAdapter(3, 3)

    with pytest.raises(TrainingError, match="at least two classes"):
        fit(adapter, ScikitModelSvm(), make_examples(5, classes=1))

    assert not adapter.fitted


def test_an_empty_testing_set_has_no_accuracy(trained: AdaptedModel) -> None:
    with pytest.raises(TrainingError, match="testing set"):
        trained.accuracy(make_examples(0))


def test_the_document_names_its_classes_as_registered(trained: AdaptedModel) -> None:
    document = trained.to_dict()

    assert list(document) == ["format", "adapter_type", "model_type", "adapter", "model", "canary"]
    assert document["adapter_type"] == "Word2VecAdapter"
    assert document["model_type"] == "scikit_model_svm"


def test_it_comes_back_from_a_dict_without_json(trained: AdaptedModel) -> None:
    texts = make_examples(20, seed=4).texts

    assert AdaptedModel.from_dict(trained.to_dict()).classify(texts) == trained.classify(texts)


@pytest.mark.parametrize("name", ["os.system", "pipeline.adapters.base.Adapter", "", None, ["scikit_model_svm"], 1])
@pytest.mark.parametrize("part", ["adapter_type", "model_type"])
def test_a_class_that_is_not_registered_is_refused(trained: AdaptedModel, part: str, name: object) -> None:
    with pytest.raises(DocumentError, match=part):
        AdaptedModel.from_dict(trained.to_dict() | {part: name})


@pytest.mark.parametrize("document", [None, [], "", 3, {}, {"adapter": {}}], ids=str)
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(DocumentError):
        AdaptedModel.from_dict(document)


def test_another_models_part_is_refused(trained: AdaptedModel) -> None:
    with pytest.raises(DocumentError, match="model"):
        AdaptedModel.from_dict(trained.to_dict() | {"model_type": ScikitModelLogisticRegression.name})


def test_an_adapter_of_another_width_is_refused(trained: AdaptedModel) -> None:
    other = WordFrequencyAdapter(3, 3).fit(["a b c"])

    with pytest.raises(DocumentError, match="width 3, which the adapter gives"):
        AdaptedModel.from_dict(trained.to_dict() | {"adapter_type": other.name, "adapter": other.to_dict()})


def test_an_adapter_of_rows_wider_than_any_single_one_is_refused(
    trained: AdaptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [{"name": "WordFrequencyAdapter", "options": {"sequence_length": 100_000, "vocabulary_size": 1 + part}}
             for part in range(2)]  # fmt: skip
    union = UnionAdapter(adapters=parts).fit(["a b c"])
    document = trained.to_dict() | {"adapter_type": union.name, "adapter": union.to_dict()}
    document |= {"model_type": ScikitModelMajority.name, "model": make_baseline(union.width)}

    AdaptedModel.from_dict(document, accept_drift=True)
    monkeypatch.setattr(adapted_model, "_WIDEST", 199_999)
    with pytest.raises(DocumentError, match="adapter: found rows of 200000"):
        AdaptedModel.from_dict(document, accept_drift=True)


def test_what_is_made_dense_for_a_model_is_made_so_a_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = HashingAdapter(n_features=256).fit(["a"])
    rows = adapter.transform(["a", "b"]).toarray()  # type: ignore[union-attr]
    model = ScikitModelKNearestNeighbours(n_neighbors=1).fit(rows, ["first", "second"])
    adapted = AdaptedModel(adapter, ScikitModelKNearestNeighbours.from_dict(model.to_dict()))

    monkeypatch.setattr(adapted_model, "_BATCH_BYTES", 8 * 256 * 2)

    assert [len(features.toarray()) for features in adapted._adapt(["a"] * 5)] == [2, 2, 1]  # type: ignore[union-attr]
    assert adapted.classify(["b", "a", "b"]) == ["second", "first", "second"]


def make_baseline(width: int) -> dict[str, Any]:
    """Return the document of a baseline over rows of a width."""
    baseline = ScikitModelMajority().fit(np.zeros((2, 1), dtype=np.float32), ["a", "b"]).to_dict()
    return baseline | {"learnt": baseline["learnt"] | {"width": width}}


def test_so_many_classes_that_no_model_could_answer_are_refused(trained: AdaptedModel) -> None:
    names = [f"{number:06}" for number in range(MOST_CLASSES + 1)]
    baseline = make_baseline(trained.adapter.width)
    baseline["learnt"] |= {"classes": names, "shares": np.full(len(names), 1 / len(names))}

    with pytest.raises(DocumentError, match=r"model\.learnt\.classes: found a list of 100001"):
        AdaptedModel.from_dict(trained.to_dict() | {"model_type": ScikitModelMajority.name, "model": baseline})
    with pytest.raises(TrainingError, match="100,001 classes"):
        ScikitModelMajority().fit(np.zeros((len(names), 1), dtype=np.float32), names)


def test_no_text_of_the_examples_is_in_the_document() -> None:
    document = make_adapted(min_count=2).to_json()

    assert not any(text in document for text in make_examples(150).texts)
