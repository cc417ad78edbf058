"""`UnionAdapter`: its parts side by side, in one form however they are said, and audited by their own classes."""

import json
from typing import Any

import numpy as np
import pytest

from corpus import make_examples
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.adapters.union_adapter import UnionAdapter
from pipeline.adapters.word2vec_adapter import Word2VecAdapter
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

TEXTS = [*make_examples().texts]
CHARACTERS: dict[str, Any] = {"name": "TfidfAdapter", "options": {"analyzer": "char_wb", "ngram_range": [2, 4]}}
VECTORS: dict[str, Any] = {
    "name": "Word2VecAdapter",
    "options": {"sequence_length": 3, "vector_size": 4, "pooling": "mean"},
}
RANKS: dict[str, Any] = {"name": "WordFrequencyAdapter", "options": {"sequence_length": 3, "vocabulary_size": 5}}


def to_dense(features: Any) -> Any:
    return features if isinstance(features, np.ndarray) else features.toarray()


def test_a_row_is_those_of_the_parts_one_after_the_other() -> None:
    union = UnionAdapter(["TfidfAdapter", CHARACTERS, VECTORS]).fit(TEXTS, seed=5)

    parts = [
        TfidfAdapter().fit(TEXTS),
        TfidfAdapter(**CHARACTERS["options"]).fit(TEXTS),
        Word2VecAdapter(**VECTORS["options"]).fit(TEXTS, seed=5),
    ]
    rows = np.hstack([to_dense(part.transform(TEXTS)) for part in parts])
    assert union.width == rows.shape[1] == sum(part.width for part in parts)
    assert np.array_equal(to_dense(union.transform(TEXTS)), rows)


@pytest.mark.parametrize(
    ("parts", "sparse", "negative"),
    [
        (["TfidfAdapter", CHARACTERS], True, False),
        (["TfidfAdapter", VECTORS], True, True),
        ([RANKS, VECTORS], False, True),
    ],
    ids=["sparse", "mixed", "dense"],
)
def test_what_it_gives_hangs_on_its_parts(parts: list[Any], sparse: bool, negative: bool) -> None:
    union = UnionAdapter(parts)

    assert union.gives_sparse is sparse
    assert union.gives_negative is negative
    assert UnionAdapter.can_give_negative({"adapters": [union.options.adapters]}) is negative


def test_the_libraries_are_those_of_all_parts() -> None:
    document = UnionAdapter(["TfidfAdapter", VECTORS]).fit(TEXTS).to_dict()

    assert {*document["libraries"]} == {*TfidfAdapter.libraries, *Word2VecAdapter.libraries}
    assert "gensim" not in UnionAdapter(["TfidfAdapter", CHARACTERS]).fit(TEXTS).to_dict()["libraries"]


def test_rows_of_many_texts_are_those_of_few() -> None:
    union = UnionAdapter(["TfidfAdapter", VECTORS]).fit(TEXTS)

    assert np.array_equal(to_dense(union.transform(TEXTS * 20)), np.vstack([to_dense(union.transform(TEXTS))] * 20))


def test_what_takes_memory_where_it_is_zero_is_the_width_of_its_dense_parts() -> None:
    assert UnionAdapter(["TfidfAdapter", VECTORS, RANKS]).dense_width == 4 + 3


def test_a_part_is_one_however_it_is_said() -> None:
    reordered = {"ngram_range": [2.0, 4], "analyzer": "char_wb"}
    said: list[Any] = [
        ["HashingAdapter", CHARACTERS],
        [{"name": "HashingAdapter"}, {"options": reordered, "name": "TfidfAdapter"}],
        [{"options": {}, "name": "HashingAdapter"}, TfidfAdapter(**CHARACTERS["options"]).block],
    ]

    assert len({UnionAdapter(parts).canonical for parts in said}) == 1
    assert len({json.dumps(UnionAdapter(parts).block) for parts in said}) == 1


def test_another_order_of_parts_is_another_union() -> None:
    assert (
        UnionAdapter(["HashingAdapter", CHARACTERS]).canonical != UnionAdapter([CHARACTERS, "HashingAdapter"]).canonical
    )


def test_a_part_is_named_in_the_label_as_it_would_be_by_itself() -> None:
    union = UnionAdapter(["TfidfAdapter", CHARACTERS])

    parts = [TfidfAdapter().canonical, TfidfAdapter(**CHARACTERS["options"]).canonical]
    assert json.loads(union.canonical)["options"]["adapters"] == [json.loads(part) for part in parts]
    assert union.effective == union.canonical


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ("TfidfAdapter", "valid list"),
        (["TfidfAdapter"], "at least 2 items"),
        (["HashingAdapter"] * 9, "at most 8 items"),
        (["HashingAdapter", "HashingAdapter"], "parts 0 and 1 do the same"),
        (["TfidfAdapter", "HashingAdapter", {"name": "TfidfAdapter", "options": {"min_df": 1}}], "parts 0 and 2 do"),
        (["HashingAdapter", 3], 'item 1: a part is a name or {"name"'),
        (["HashingAdapter", {"options": {}}], "item 1: a part is a name or"),
        (["HashingAdapter", {"name": "TfidfAdapter", "min_df": 2}], "item 1: a part is a name or"),
        (["HashingAdapter", "Tfidf"], "item 1: unknown name; one of .*HashingAdapter, .*; did you mean TfidfAdapter"),
        (["HashingAdapter", ["TfidfAdapter"]], "item 1: a part is a name or"),
        (["HashingAdapter", "UnionAdapter"], "item 1: a union has no union inside; one of .*HashingAdapter, "),
        (["Word2VecAdapter", "HashingAdapter"], "item 0: options of Word2VecAdapter: sequence_length is missing"),
        (
            [{"name": "TfidfAdapter", "options": {"anlyzer": "char"}}, "HashingAdapter"],
            "item 0: options of TfidfAdapter: 'anlyzer' is unknown, known are .*, did you mean analyzer",
        ),
        (
            ["HashingAdapter", {"name": "TfidfAdapter", "options": {"min_df": 0, "analyzer": ["char"]}}],
            "item 1: options of TfidfAdapter: min_df: .*greater than or equal to 1; "
            "options of TfidfAdapter: analyzer: .*'char_wb', one value and no list of values",
        ),
        (["HashingAdapter", {"name": "TfidfAdapter", "options": []}], "item 1: options of TfidfAdapter: an object"),
    ],
    ids=str,
)
def test_what_is_no_union_is_refused_by_the_part(parts: Any, sentence: str) -> None:
    with pytest.raises(OptionError, match=f"UnionAdapter.adapters: got .*; .*{sentence}"):
        UnionAdapter(parts)


def test_a_part_with_very_much_wrong_tells_some_of_it() -> None:
    options = {f"x{number}": 1 for number in range(1_000)}

    with pytest.raises(OptionError) as caught:
        UnionAdapter([{"name": "TfidfAdapter", "options": options}, "HashingAdapter"])

    assert caught.value.allowed.count("is unknown") == 3
    assert "and 997 more" in caught.value.allowed


def test_terms_are_those_of_all_parts_each_once() -> None:
    union = UnionAdapter(["TfidfAdapter", RANKS]).fit(["b a", "c b"])

    assert union.terms == ["a", "b", "c"]
    assert not union.knows_any


def test_a_union_with_a_part_that_knows_any_word_knows_any_word() -> None:
    union = UnionAdapter(["TfidfAdapter", "HashingAdapter"]).fit(["b a"])

    assert union.knows_any
    assert union.terms == ["a", "b"]


def test_a_part_that_can_learn_nothing_is_named() -> None:
    with pytest.raises(TrainingError, match="Word2VecAdapter: no word is left"):
        UnionAdapter(["TfidfAdapter", VECTORS]).fit(["all words", "stand once"])


def test_a_model_that_takes_no_negative_numbers_learns_from_parts_that_give_none() -> None:
    adapted = fit(UnionAdapter(["TfidfAdapter", CHARACTERS]), ScikitModelMultinomialNaiveBayes(), make_examples())

    loaded = AdaptedModel.from_json(adapted.to_json())

    unseen = make_examples(30, seed=1)
    assert loaded.accuracy(unseen) > 0.9
    assert np.array_equal(loaded.probabilities(unseen), adapted.probabilities(unseen))


def make_document() -> Any:
    return UnionAdapter(["TfidfAdapter", RANKS]).fit(TEXTS).to_dict()


def test_the_document_has_a_document_a_part() -> None:
    learnt = make_document()["learnt"]

    assert [part["adapter_type"] for part in learnt["parts"]] == ["TfidfAdapter", "WordFrequencyAdapter"]
    assert np.array_equal(learnt["parts"][0]["adapter"]["learnt"]["idf"], TfidfAdapter().fit(TEXTS).get_learnt()["idf"])


def test_what_is_wrong_in_a_part_is_refused_by_its_path() -> None:
    document = make_document()
    document["learnt"]["parts"][0]["adapter"]["learnt"]["words"][0] = 1

    with pytest.raises(
        DocumentError, match=r"^adapter\.learnt\.parts\[0\]\.adapter\.learnt\.words\[0\]: found 1; allowed"
    ):
        UnionAdapter.from_dict(document)


def test_a_part_without_a_document_is_refused() -> None:
    document = make_document()
    document["learnt"]["parts"][1]["adapter"] = None

    with pytest.raises(DocumentError, match=r"^adapter\.learnt\.parts\[1\]\.adapter: found null"):
        UnionAdapter.from_dict(document)


def test_a_part_of_another_class_than_the_options_say_is_refused() -> None:
    document = make_document()
    document["learnt"]["parts"].reverse()

    with pytest.raises(DocumentError, match=r"^adapter\.learnt\.parts\[0\]\.adapter_type: found .*one of TfidfAdapter"):
        UnionAdapter.from_dict(document)


def test_a_part_with_other_options_than_the_union_says_is_refused() -> None:
    document = make_document()
    document["learnt"]["parts"][0]["adapter"]["options"]["sublinear_tf"] = True

    with pytest.raises(DocumentError, match=r"^adapter\.learnt\.parts\[0\]\.adapter\.options: found other options"):
        UnionAdapter.from_dict(document)


@pytest.mark.parametrize("count", [0, 1, 3, 9], ids=str)
def test_more_or_fewer_parts_than_the_options_say_are_refused(count: int) -> None:
    document = make_document()
    document["learnt"]["parts"] = (document["learnt"]["parts"] * 5)[:count]

    with pytest.raises(DocumentError, match=r"^adapter\.learnt\.parts: found"):
        UnionAdapter.from_dict(document)


def test_a_document_of_a_union_in_a_union_is_refused() -> None:
    document = make_document()
    document["options"]["adapters"][0] = {"name": "UnionAdapter", "options": document["options"]}

    with pytest.raises(DocumentError, match=r"^adapter\.options\.adapters: .*a union has no union inside"):
        UnionAdapter.from_dict(document)
