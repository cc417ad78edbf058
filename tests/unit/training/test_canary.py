"""The canary: a model that no longer answers as it did is told from one that does."""

from typing import Any

import numpy as np
import pytest

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.errors import DocumentError, PredictionDriftError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.canary import make_canary
from pipeline.training.train import fit


@pytest.fixture
def document() -> dict[str, Any]:
    return fit(TfidfAdapter(), ScikitModelMultinomialNaiveBayes(), make_examples(90)).to_dict()


def exchange_classes(document: dict[str, Any]) -> None:
    """Let the model answer its last class where it answered its first."""
    learnt = document["model"]["learnt"]
    learnt["feature_log_prob"] = learnt["feature_log_prob"][::-1].copy()


def test_it_holds_every_class_and_no_example(document: dict[str, Any]) -> None:
    canary = document["canary"]

    assert set(canary["answers"]) == {"class A", "class B", "class C"}
    assert len(canary["texts"]) == len(canary["answers"]) == 16
    assert not set(canary["texts"]) & set(make_examples(90).texts)
    assert "" in canary["texts"]


def test_the_same_model_has_the_same_canary(document: dict[str, Any]) -> None:
    assert AdaptedModel.from_dict(document).to_dict()["canary"] == document["canary"]
    words = ["one", "two", "three"]
    assert make_canary(words, len_as_class) == make_canary(words, len_as_class)


def test_where_any_word_is_known_its_words_are_made_up() -> None:
    canary = make_canary([], len_as_class)

    assert len(set(canary["texts"])) == 16
    assert all(text.replace(" ", "").isalpha() for text in canary["texts"] if text)


def len_as_class(texts: list[str]) -> list[str]:
    return [f"class {len(text) % 3}" for text in texts]


def test_a_model_that_answers_otherwise_is_refused_with_how_many_and_what_to_do(document: dict[str, Any]) -> None:
    exchange_classes(document)

    with pytest.raises(PredictionDriftError, match=r"canary: \d+ of 16 made-up texts get another answer") as caught:
        AdaptedModel.from_dict(document)

    assert isinstance(caught.value, DocumentError)
    assert "accept_drift=True" in caught.value.next_step


def test_the_libraries_that_differ_are_named_with_both_versions(document: dict[str, Any]) -> None:
    exchange_classes(document)
    document["model"]["libraries"] |= {"scikit-learn": "0.1", "unheard-of": "7"}

    with pytest.raises(PredictionDriftError, match=r"scikit-learn was 0\.1 and is \d") as caught:
        AdaptedModel.from_dict(document)

    assert "unheard-of" not in str(caught.value)  # names are looked up where the classes say them, not the document


def test_a_version_that_would_steer_a_terminal_is_told_in_its_escaped_form(document: dict[str, Any]) -> None:
    exchange_classes(document)
    document["model"]["libraries"]["numpy"] = "1\x1b[31m\né"

    with pytest.raises(PredictionDriftError, match=r"numpy was 1\\x1b\[31m\\n\\xe9 and is"):
        AdaptedModel.from_dict(document)


def test_it_can_be_used_all_the_same_when_that_is_asked_for(document: dict[str, Any]) -> None:
    exchange_classes(document)

    adapted = AdaptedModel.from_dict(document, accept_drift=True)

    assert adapted.classify(["cword1 cword2"]) == ["class A"]


def test_other_versions_alone_are_no_drift(document: dict[str, Any]) -> None:
    document["model"]["libraries"] = {"numpy": "0.0.1"}

    assert AdaptedModel.from_dict(document).classify(["aword1"]) == ["class A"]


BROKEN = {
    "null": None,
    "empty": {},
    "an answer short": {"texts": ["a"], "answers": []},
    "a number": {"texts": [1], "answers": ["a"]},
    "too many": {"texts": ["a"] * 17, "answers": ["b"] * 17},
    "too many words": {"texts": ["a " * 161], "answers": ["b"]},
    "too long": {"texts": ["x" * 100_000], "answers": ["a"]},
    "another key": {"texts": [], "answers": [], "more": 1},
}


@pytest.mark.parametrize("canary", BROKEN.values(), ids=BROKEN)
def test_a_canary_of_another_form_is_refused(document: dict[str, Any], canary: object) -> None:
    with pytest.raises(DocumentError, match="canary"):
        AdaptedModel.from_dict(document | {"canary": canary})


def test_weights_that_overflow_are_compared_all_the_same(document: dict[str, Any]) -> None:
    learnt = document["model"]["learnt"]
    learnt["feature_log_prob"] = np.full_like(learnt["feature_log_prob"], -1e308)

    with pytest.raises(PredictionDriftError):
        AdaptedModel.from_dict(document)
