"""`Word2VecAdapter`: what its three ways of pooling hold, and what gensim is asked for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus import UNKNOWN_TEXTS, make_examples
from pipeline.adapters.gensim_training import REPRODUCIBLE
from pipeline.adapters.tokenise import count_words, tokenise
from pipeline.adapters.word2vec_adapter import Word2VecAdapter
from pipeline.errors import DocumentError, OptionError, TrainingError

TEXTS = make_examples().texts


def make_adapter(texts: Sequence[str] = TEXTS, **options: Any) -> Word2VecAdapter:
    return Word2VecAdapter(**({"sequence_length": 3, "vector_size": 4} | options)).fit(texts)


def read_vectors(adapter: Word2VecAdapter) -> dict[str, NDArray[np.float32]]:
    learnt = adapter.to_dict()["learnt"]
    return dict(zip(learnt["words"], learnt["vectors"], strict=True))


def make_document(learnt: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    document = make_adapter(**options).to_dict()
    return document | {"learnt": document["learnt"] | (learnt or {})}


def test_a_sequence_is_its_words_vectors_then_zeros() -> None:
    adapter = make_adapter()
    vectors = read_vectors(adapter)

    features = adapter.transform(["shared1 unheard aword0"])

    assert np.array_equal(features[0], np.concatenate([vectors["shared1"], vectors["aword0"], np.zeros(4)]))


@pytest.mark.parametrize("count", [1, 3, 1_000])
def test_the_mean_is_over_the_first_known_words(count: int) -> None:
    words = (["shared1", "aword0", "shared1", "bword2"] * 250)[:count]
    adapter = make_adapter(sequence_length=count, pooling="mean")
    vectors = read_vectors(adapter)

    features = adapter.transform([" unheard ".join(words) + " unheard cword1 cword1"])

    assert adapter.width == 4
    assert np.array_equal(features[0], np.mean([vectors[word] for word in words], axis=0))


def test_a_tfidf_mean_weighs_each_word_as_scikit_learn_does() -> None:
    reference = TfidfVectorizer(tokenizer=tokenise, token_pattern=None, norm=None).fit(TEXTS)
    adapter = make_adapter(pooling="tfidf_mean", sequence_length=100)
    vectors = read_vectors(adapter)

    features = adapter.transform([*TEXTS, *UNKNOWN_TEXTS])

    weights = reference.transform(TEXTS).toarray()
    table = np.array([vectors[word] for word in reference.get_feature_names_out()])
    means = weights @ table / weights.sum(axis=1, keepdims=True)
    assert np.allclose(features[: len(TEXTS)], means, atol=1e-6)
    assert not features[len(TEXTS) :].any()


def test_document_frequencies_are_of_whole_texts() -> None:
    short, long = (make_adapter(["a a b", "b b a"], pooling="tfidf_mean", sequence_length=n) for n in (1, 9))

    assert np.array_equal(short.to_dict()["learnt"]["idf"], long.to_dict()["learnt"]["idf"])


@pytest.mark.parametrize(("pooling", "parts"), [("sequence", 2), ("mean", 2), ("tfidf_mean", 3)])
def test_weights_are_learnt_only_where_they_count(pooling: str, parts: int) -> None:
    assert list(make_document(pooling=pooling)["learnt"]) == ["words", "vectors", "idf"][:parts]


@pytest.mark.parametrize("options", [{}, {"sg": 1}, {"negative": 9}, {"sample": 0.0}], ids=str)
def test_vectors_are_those_that_gensim_learns(options: dict[str, Any]) -> None:
    token_lists = [tokenise(text) for text in TEXTS]
    reference = Word2Vec(vector_size=4, min_count=2, seed=0, **options, **REPRODUCIBLE)
    reference.build_vocab_from_freq(dict(count_words(token_lists)), corpus_count=len(TEXTS))
    reference.train(token_lists, total_examples=len(TEXTS), total_words=sum(map(len, token_lists)), epochs=5)

    vectors = read_vectors(make_adapter(**options))

    assert list(vectors) == reference.wv.index_to_key
    assert np.array_equal(list(vectors.values()), reference.wv.vectors)


def test_words_rarer_than_min_count_are_unknown() -> None:
    assert list(read_vectors(make_adapter(["a a b", "a c"], min_count=2))) == ["a"]


def test_a_lower_min_count_is_proposed_when_no_word_is_left() -> None:
    with pytest.raises(TrainingError, match="occurs 3 times") as caught:
        make_adapter(["a b", "a c"], min_count=3)

    assert "lower min_count" in caught.value.next_step


def test_another_seed_gives_other_vectors() -> None:
    first, second = (Word2VecAdapter(2).fit(TEXTS, seed).to_dict()["learnt"]["vectors"] for seed in (1, 2))

    assert not np.array_equal(first, second)


@pytest.mark.parametrize("sg", [0, 1])
def test_words_that_stand_together_come_closer_in_training(sg: int) -> None:
    texts = make_examples(300, classes=2).texts
    adapter = make_adapter(texts, sequence_length=1, vector_size=16, epochs=60, sg=sg)

    one, same, other = adapter.transform(["aword0", "aword1", "bword0"])

    assert cosine(one, same) > cosine(one, other)


def test_options_that_came_later_leave_labels_as_they_were() -> None:
    assert Word2VecAdapter(3).canonical == (
        '{"name":"Word2VecAdapter","options":'
        '{"epochs":5,"min_count":2,"pooling":"sequence","sequence_length":3,"vector_size":100,"window":5}}'
    )


def test_a_document_from_before_an_option_means_its_default() -> None:
    document = make_document()
    for name in ("sg", "negative", "sample"):
        del document["options"][name]

    assert Word2VecAdapter.from_dict(document).options == make_adapter().options


@pytest.mark.parametrize(("option", "value"), [("sg", 2), ("sg", "1"), ("negative", 0), ("sample", 1.0)])
def test_an_option_out_of_its_range_is_refused(option: str, value: Any) -> None:
    with pytest.raises(OptionError, match=f"Word2VecAdapter.{option}"):
        Word2VecAdapter(3, **{option: value})


def test_vectors_of_another_size_than_the_option_are_refused() -> None:
    document = make_document()
    document["options"]["vector_size"] = 5

    with pytest.raises(DocumentError, match=r"adapter\.learnt\.vectors: found .* \(20, 4\); allowed is .*\(20, 5\)"):
        Word2VecAdapter.from_dict(document)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("vectors", np.full((20, 4), 1e30, dtype=np.float32)),  # sums would overflow
        ("vectors", np.full((20, 4), np.nan, dtype=np.float32)),
        ("vectors", np.zeros((20, 4))),
        ("idf", np.ones(19)),
        ("idf", np.full(20, 0.5)),
        ("idf", np.full(20, 51.0)),
        ("idf", np.ones(20, dtype=np.float32)),
        ("words", ["a"] * 20),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_training_never_gives_is_refused(part: str, value: Any) -> None:
    with pytest.raises(DocumentError, match=rf"adapter\.learnt\.{part}"):
        Word2VecAdapter.from_dict(make_document({part: value}, pooling="tfidf_mean"))


def test_the_largest_numbers_that_are_allowed_do_not_overflow() -> None:
    learnt = {"vectors": np.full((20, 4), 1e9, dtype=np.float32), "idf": np.full(20, 50.0)}
    adapter = Word2VecAdapter.from_dict(make_document(learnt, pooling="tfidf_mean", sequence_length=10_000))

    assert np.isfinite(adapter.transform(["shared1 " * 10_000])).all()


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
