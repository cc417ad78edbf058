"""`TfidfAdapter`: it weighs as scikit-learn does, cuts ties by the alphabet, and audits its document."""

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus import UNKNOWN_TEXTS, make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.adapters.tokenise import tokenise
from pipeline.errors import DocumentError, OptionError, TrainingError

TEXTS = [*make_examples().texts]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ngram_range": (1, 3)},
        {"ngram_range": (2, 2)},
        {"min_df": 20},
        {"max_df": 0.5},
        {"max_features": 7},
        {"sublinear_tf": True},
        {"use_idf": False},
        {"norm": "l1"},
        {"norm": None, "use_idf": False},
        {"analyzer": "char", "ngram_range": (2, 4)},
        {"analyzer": "char_wb", "ngram_range": (2, 4)},
        {"analyzer": "char_wb", "ngram_range": (8, 8)},
    ],
    ids=str,
)
def test_it_weighs_as_scikit_learn_does(options: dict[str, Any]) -> None:
    words = {} if "analyzer" in options else {"tokenizer": tokenise, "token_pattern": None}
    reference = TfidfVectorizer(**words, **options).fit(TEXTS)

    adapter = TfidfAdapter(**options).fit(TEXTS)

    others = [*make_examples(9, seed=1).texts, *UNKNOWN_TEXTS]
    assert adapter.terms == reference.get_feature_names_out().tolist()
    assert np.array_equal(to_dense(adapter, others), reference.transform(others).astype(np.float32).toarray())


def to_dense(adapter: TfidfAdapter, texts: list[str]) -> Any:
    features: Any = adapter.transform(texts)
    return features.toarray()


def test_rows_of_many_texts_are_those_of_few() -> None:
    adapter = TfidfAdapter(analyzer="char_wb", ngram_range=[1, 3], sublinear_tf=True).fit(TEXTS)
    many = [*TEXTS, ""] * 50

    alone = [to_dense(adapter, [text]) for text in [*TEXTS, ""]]

    assert len(many) > 2_048
    assert np.array_equal(to_dense(adapter, many), np.vstack(alone * 50))


def test_rows_have_length_one() -> None:
    assert np.allclose(np.linalg.norm(to_dense(TfidfAdapter().fit(TEXTS), TEXTS), axis=1), 1)


def test_a_rarer_word_weighs_more() -> None:
    frequent, rare = to_dense(TfidfAdapter().fit(["frequent rare", "frequent"]), ["frequent rare"])[0]

    assert rare > frequent


def test_words_are_those_of_every_adapter() -> None:
    assert TfidfAdapter().fit(["Don't snake_case A ÜBER-2016"]).terms == [
        "2016", "a", "case", "don't", "snake", "über",
    ]  # fmt: skip


def test_of_equally_frequent_terms_the_alphabetically_first_are_known() -> None:
    words = [f"word{number:03}" for number in range(400)]

    adapter = TfidfAdapter(max_features=21).fit([" ".join(reversed(words)), "word399 word399"])

    assert adapter.terms == [*words[:20], "word399"]
    assert adapter.width == 21


def test_terms_in_fewer_texts_than_min_df_are_unknown() -> None:
    assert TfidfAdapter(min_df=2).fit(["a b b", "a c"]).terms == ["a"]


def test_terms_in_a_larger_share_of_texts_than_max_df_are_unknown() -> None:
    texts = ["often always"] * 57 + ["always"] * 43

    assert TfidfAdapter(max_df=0.57).fit(texts).terms == ["often"]


def test_terms_of_characters_keep_what_is_no_letter_but_run_over_no_white_space_twice() -> None:
    terms = TfidfAdapter(analyzer="char", ngram_range=[1, 3]).fit(["Oh \t\n:-)"]).terms

    assert terms == [" :", " :-", ")", "-", "-)", ":", ":-", ":-)", "h", "h ", "h :", "o", "oh", "oh "]


def test_terms_inside_of_words_have_a_space_at_their_ends_alone() -> None:
    terms = TfidfAdapter(analyzer="char_wb", ngram_range=[3, 3]).fit(["a be"]).terms

    assert terms == [" a ", " be", "be "]


def test_a_word_that_is_too_short_for_a_term_is_one() -> None:
    assert TfidfAdapter(analyzer="char_wb", ngram_range=[4, 5]).fit(["a cat"]).terms == [" a ", " cat", " cat ", "cat "]


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
def test_a_text_without_a_word_has_no_characters_either(analyzer: str) -> None:
    adapter = TfidfAdapter(analyzer=analyzer).fit(["no!", "yes?"])

    assert "!" in adapter.terms
    assert not to_dense(adapter, ["!!?"]).any()


def test_long_words_are_cut_like_short_ones() -> None:
    word = "".join(map(chr, range(ord("a"), ord("z") + 1)))

    adapter = TfidfAdapter(analyzer="char_wb", ngram_range=[8, 8]).fit([word])

    assert len(adapter.terms) == 28 - 7


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ({"min_df": 2}, ["a b", "c d"]),
        ({"min_df": 3}, ["a", "a"]),
        ({"max_df": 0.5}, ["a", "a"]),
        ({"ngram_range": [3, 3]}, ["a b", "c d"]),
        ({"ngram_range": [3, 3], "analyzer": "char"}, ["ab", "cd"]),
    ],
    ids=str,
)
def test_other_options_are_proposed_when_no_term_is_left(options: dict[str, Any], texts: list[str]) -> None:
    with pytest.raises(TrainingError, match="no term is left after tokenising 2 training texts") as caught:
        TfidfAdapter(**options).fit(texts)

    assert "lower min_df" in caught.value.next_step
    assert "higher max_df" in caught.value.next_step
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
        ([1, 9], "less than or equal to 8"),
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


def test_the_document_has_the_terms_and_how_rare_they_are() -> None:
    learnt = TfidfAdapter().fit(["b a", "a"]).to_dict()["learnt"]

    assert learnt.keys() == {"words", "idf"}
    assert learnt["words"] == ["a", "b"]
    assert learnt["idf"].tolist() == pytest.approx([1, 1 + np.log(3 / 2)])


def test_a_document_without_use_idf_has_the_terms_alone() -> None:
    assert TfidfAdapter(use_idf=False).fit(["b a", "a"]).to_dict()["learnt"] == {"words": ["a", "b"]}


def test_what_was_defined_before_there_was_an_analyzer_is_the_same_still() -> None:
    assert TfidfAdapter().canonical == (
        '{"name":"TfidfAdapter","options":{"max_features":10000,"min_df":1,"ngram_range":[1,1],"sublinear_tf":false}}'
    )


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
    ],
    ids=str,
)
def test_a_document_that_fitting_never_gives_is_refused(part: str, value: Any) -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()
    document["learnt"][part] = value

    with pytest.raises(DocumentError, match=r"adapter\.learnt\."):
        TfidfAdapter.from_dict(document)


def test_a_document_with_an_option_that_is_refused_is_refused() -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()
    document["options"]["ngram_range"] = [2, 1]

    with pytest.raises(DocumentError, match=r"adapter\.options\.ngram_range"):
        TfidfAdapter.from_dict(document)


def test_more_words_than_max_features_are_refused() -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()
    document["options"]["max_features"] = 1

    with pytest.raises(DocumentError, match=r"adapter\.learnt\.words: found 2 words; allowed is 1 to 1 words"):
        TfidfAdapter.from_dict(document)


def test_rarities_without_use_idf_are_refused() -> None:
    document = TfidfAdapter().fit(["b a", "a"]).to_dict()
    document["options"]["use_idf"] = False

    with pytest.raises(DocumentError, match=r"adapter\.learnt: found the unknown key 'idf'"):
        TfidfAdapter.from_dict(document)
