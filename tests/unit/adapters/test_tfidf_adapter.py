"""`TfidfAdapter`: it weighs as scikit-learn does, cuts ties by the alphabet, and audits its document."""

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus import UNKNOWN_TEXTS, make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.adapters.tokenise import tokenise
from pipeline.errors import DocumentError, OptionError, TrainingError

TEXTS = make_examples().texts


@pytest.mark.parametrize(
    "options",
    [{}, {"ngram_range": (1, 3)}, {"ngram_range": (2, 2)}, {"min_df": 20}, {"max_features": 7}, {"sublinear_tf": True}],
    ids=str,
)
def test_it_weighs_as_scikit_learn_does(options: dict[str, Any]) -> None:
    reference = TfidfVectorizer(tokenizer=tokenise, token_pattern=None, lowercase=False, **options).fit(TEXTS)

    adapter = TfidfAdapter(**options).fit(TEXTS)

    others = [*make_examples(9, seed=1).texts, *UNKNOWN_TEXTS]
    assert adapter.to_dict()["words"] == reference.get_feature_names_out().tolist()
    assert np.array_equal(adapter.transform(others), reference.transform(others).astype(np.float32).toarray())


def test_rows_have_length_one() -> None:
    assert np.allclose(np.linalg.norm(TfidfAdapter().fit(TEXTS).transform(TEXTS), axis=1), 1)


def test_a_rarer_word_weighs_more() -> None:
    frequent, rare = TfidfAdapter().fit(["frequent rare", "frequent"]).transform(["frequent rare"])[0]

    assert rare > frequent


def test_words_are_those_of_every_adapter() -> None:
    assert TfidfAdapter().fit(["Don't snake_case A ÜBER-2016"]).to_dict()["words"] == [
        "2016", "a", "case", "don't", "snake", "über",
    ]  # fmt: skip


def test_of_equally_frequent_terms_the_alphabetically_first_are_known() -> None:
    words = [f"word{number:03}" for number in range(400)]

    adapter = TfidfAdapter(max_features=21).fit([" ".join(reversed(words)), "word399 word399"])

    assert adapter.to_dict()["words"] == [*words[:20], "word399"]
    assert adapter.width == 21


def test_terms_in_fewer_texts_than_min_df_are_unknown() -> None:
    assert TfidfAdapter(min_df=2).fit(["a b b", "a c"]).to_dict()["words"] == ["a"]


@pytest.mark.parametrize(
    ("options", "texts"),
    [({"min_df": 2}, ["a b", "c d"]), ({"min_df": 3}, ["a", "a"]), ({"ngram_range": [3, 3]}, ["a b", "c d"])],
    ids=str,
)
def test_lower_options_are_proposed_when_no_term_is_left(options: dict[str, Any], texts: list[str]) -> None:
    with pytest.raises(TrainingError, match="no term is left after tokenising 2 training texts") as caught:
        TfidfAdapter(**options).fit(texts)

    assert "lower min_df" in caught.value.next_step
    assert "shorter ngram_range" in caught.value.next_step


@pytest.mark.parametrize("ngram_range", [[1, 2], (1, 2), [1.0, 2.0]], ids=str)
def test_a_range_is_a_list_in_canonical_form(ngram_range: Any) -> None:
    options = TfidfAdapter(ngram_range=ngram_range).options

    assert options.model_dump() == options.model_dump(mode="json")
    assert repr(options.ngram_range) == "[1, 2]"


@pytest.mark.parametrize(
    ("ngram_range", "allowed"),
    [
        ([2, 1], r"the shortest length \(2\) must not be above the longest \(1\)"),
        ([0, 1], "greater than or equal to 1"),
        ([1, 6], "less than or equal to 5"),
        ([1], "at least 2 items"),
        ([1, 2, 3], "at most 2 items"),
        (["1", 2], "valid integer"),
        ([True, 2], "valid integer"),
        (2, "valid list"),
    ],
    ids=str,
)
def test_what_is_no_range_is_refused(ngram_range: Any, allowed: str) -> None:
    with pytest.raises(OptionError, match=f"TfidfAdapter.ngram_range: got .*{allowed}"):
        TfidfAdapter(ngram_range=ngram_range)


def test_no_object_shares_its_default_range() -> None:
    TfidfAdapter().options.ngram_range.append(3)

    assert TfidfAdapter().options.ngram_range == [1, 1]


def test_the_document_has_exactly_its_options_and_what_was_learnt() -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()

    idf = document.pop("idf")
    assert document == {
        "ngram_range": [1, 1],
        "min_df": 1,
        "max_features": 10_000,
        "sublinear_tf": False,
        "words": ["a", "b"],
    }
    assert idf.tolist() == pytest.approx([1, 1 + np.log(3 / 2)])


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("words", []),
        ("words", ["a", "a"]),
        ("words", ["a"]),
        ("words", ["a", 1]),
        ("words", "ab"),
        ("idf", np.array([1.0])),
        ("idf", np.array([1.0, 0.99])),
        ("idf", np.array([1.0, 51.0])),
        ("idf", np.array([1.0, np.nan])),
        ("idf", np.array([1.0, 2.0], dtype=np.float32)),
        ("idf", [1.0, 2.0]),
        ("ngram_range", [2, 1]),
    ],
    ids=str,
)
def test_a_document_that_fitting_never_gives_is_refused(part: str, value: Any) -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()

    with pytest.raises(DocumentError, match=r"adapter\."):
        TfidfAdapter.from_dict(document | {part: value})


def test_more_words_than_max_features_are_refused() -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()

    with pytest.raises(DocumentError, match=r"adapter\.words: found 2 words; allowed is 1 to 1 words"):
        TfidfAdapter.from_dict(document | {"max_features": 1})
