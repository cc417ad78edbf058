"""`HashingAdapter`: it hashes as scikit-learn does, and has nothing to learn."""

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer

from corpus import UNKNOWN_TEXTS, make_examples
from pipeline.adapters.hashing_adapter import HashingAdapter
from pipeline.adapters.tokenise import tokenise
from pipeline.errors import DocumentError, OptionError, TrainingError

TEXTS = [*make_examples().texts]


def to_dense(adapter: HashingAdapter, texts: list[str]) -> Any:
    features: Any = adapter.transform(texts)
    return features.toarray()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n_features": 256},
        {"ngram_range": (1, 2)},
        {"norm": "l1"},
        {"norm": None},
        {"analyzer": "char", "ngram_range": (2, 4)},
        {"analyzer": "char_wb", "ngram_range": (2, 4)},
    ],
    ids=str,
)
def test_it_hashes_as_scikit_learn_does(options: dict[str, Any]) -> None:
    words = {} if "analyzer" in options else {"tokenizer": tokenise, "token_pattern": None}
    reference = HashingVectorizer(alternate_sign=False, **words, **({"n_features": 2**15} | options))

    adapter = HashingAdapter(**options).fit(["anything"])

    others = [*TEXTS, "ÜBER", "", "zzzzzz qqqqqq"]
    assert np.array_equal(to_dense(adapter, others), reference.transform(others).astype(np.float32).toarray())


def test_terms_that_share_a_column_are_added_up() -> None:
    row = to_dense(HashingAdapter(n_features=256, norm=None).fit(TEXTS), [" ".join(f"w{n}" for n in range(1_000))])

    assert row.sum() == 1_000
    assert row.max() > 1


def test_a_sublinear_count_is_one_and_its_logarithm() -> None:
    row = to_dense(HashingAdapter(sublinear_tf=True, norm=None).fit(TEXTS), ["a a a b"])

    assert sorted(row[row > 0]) == pytest.approx([1, 1 + np.log(3)])


def test_what_it_was_fitted_on_changes_nothing() -> None:
    one, other = HashingAdapter().fit(TEXTS), HashingAdapter().fit(["other"])

    assert np.array_equal(to_dense(one, [*TEXTS, *UNKNOWN_TEXTS]), to_dense(other, [*TEXTS, *UNKNOWN_TEXTS]))


def test_rows_of_many_texts_are_those_of_few() -> None:
    adapter = HashingAdapter(n_features=256).fit(TEXTS)

    assert np.array_equal(to_dense(adapter, TEXTS * 40), np.vstack([to_dense(adapter, TEXTS)] * 40))


def test_half_a_surrogate_pair_is_no_word() -> None:
    adapter = HashingAdapter().fit(TEXTS)

    assert np.array_equal(to_dense(adapter, ["one \ud800"]), to_dense(adapter, ["one"]))


def test_texts_too_short_for_any_term_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"holds a term; at least one of 3 or more words \(ngram_range\)"):
        HashingAdapter(ngram_range=[3, 3]).fit(["one two", "one"])


@pytest.mark.parametrize("n_features", [255, 2**20 + 1, 300.5], ids=str)
def test_so_many_columns_are_refused(n_features: float) -> None:
    with pytest.raises(OptionError, match="n_features"):
        HashingAdapter(n_features=n_features)


def test_the_document_has_nothing_learnt() -> None:
    document = HashingAdapter().fit(TEXTS).to_dict()

    assert document["learnt"] == {}
    with pytest.raises(DocumentError, match=r"adapter\.learnt: found the unknown key 'words'"):
        HashingAdapter.from_dict(document | {"learnt": {"words": []}})
