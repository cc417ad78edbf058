"""`FastTextAdapter`: vectors of known and unknown words, and its document."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.fasttext import ft_ngram_hashes

from corpus import make_examples
from pipeline.adapters.fasttext_adapter import FastTextAdapter
from pipeline.adapters.gensim_training import REPRODUCIBLE
from pipeline.adapters.tokenise import count_words, tokenise
from pipeline.errors import DocumentError, OptionError
from pipeline.serialisation.json_document import read_json, write_json

TEXTS = make_examples().texts
UNKNOWN = "aword9"


def make_adapter(texts: Sequence[str] = TEXTS, **options: Any) -> FastTextAdapter:
    return FastTextAdapter(**({"sequence_length": 3, "vector_size": 4} | options)).fit(texts)


def make_document(learnt: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    document = make_adapter(**options).to_dict()
    return document | {"learnt": document["learnt"] | (learnt or {})}


def train_gensim(**options: Any) -> Any:
    token_lists = [tokenise(text) for text in TEXTS]
    model = FastText(vector_size=4, min_count=2, epochs=5, seed=0, **options, **REPRODUCIBLE)
    model.build_vocab_from_freq(dict(count_words(token_lists)), corpus_count=len(TEXTS))
    model.train(token_lists, total_examples=len(TEXTS), total_words=sum(map(len, token_lists)), epochs=5)
    return model.wv


# so few buckets that every one is learnt, as it is where there are many texts
@pytest.mark.parametrize(
    "options", [{"bucket": 5}, {"bucket": 5, "sg": 1}, {"bucket": 3, "min_n": 2, "max_n": 2}], ids=str
)
def test_known_and_unknown_words_have_the_vectors_that_gensim_gives_them(options: dict[str, Any]) -> None:
    reference = train_gensim(**options)

    features = make_adapter(sequence_length=1, **options).transform(["shared1", UNKNOWN, "öffentlich"])

    wanted = [reference.get_vector(word) for word in ("shared1", UNKNOWN, "öffentlich")]
    assert np.array_equal(features[0], wanted[0])
    assert np.allclose(features, wanted, rtol=1e-6)


def test_a_bucket_that_no_training_word_falls_into_says_nothing() -> None:
    adapter = make_adapter()
    learnt = adapter.to_dict()["learnt"]

    used = {number for word in learnt["words"] for number in ft_ngram_hashes(word, 3, 6, 20_000)}

    assert learnt["buckets"].tolist() == sorted(used)
    rows = [learnt["buckets"].tolist().index(each) for each in ft_ngram_hashes(UNKNOWN, 3, 6, 20_000) if each in used]
    assert np.allclose(adapter.transform([UNKNOWN])[0, :4], learnt["ngrams"][rows].mean(axis=0))
    assert 0 < len(rows) < len(ft_ngram_hashes(UNKNOWN, 3, 6, 20_000))


def test_a_word_without_any_known_part_is_skipped() -> None:
    adapter = make_adapter(pooling="mean", min_n=6)

    assert not adapter.transform(["no", "…"]).any()
    assert np.array_equal(adapter.transform(["no shared1 no"]), adapter.transform(["shared1"]))


def test_words_too_short_for_any_part_have_vectors_of_their_own() -> None:
    adapter = make_adapter(["a b", "b a"], min_n=6, pooling="mean")

    assert adapter.to_dict()["learnt"]["buckets"].shape == (0,)
    loaded = FastTextAdapter.from_dict(read_json(write_json(adapter.to_dict())))
    assert loaded.transform(["a", "b", "c", "whatever"]).any(axis=1).tolist() == [True, True, False, False]


def test_unknown_words_count_among_the_first_words() -> None:
    adapter = make_adapter(sequence_length=2, pooling="mean")

    one, other, mean = adapter.transform([UNKNOWN, "shared1", f"{UNKNOWN} shared1 shared2"])

    assert np.allclose(mean, (one + other) / 2)


def test_an_unknown_word_is_as_rare_as_the_rarest_known_one() -> None:
    adapter = make_adapter(pooling="tfidf_mean")
    learnt = adapter.to_dict()["learnt"]
    idf = learnt["idf"][learnt["words"].index("shared1")]

    one, other, mean = adapter.transform([UNKNOWN, "shared1", f"{UNKNOWN} shared1"])

    rarest = learnt["idf"].max()
    assert rarest > idf
    assert np.allclose(mean, (rarest * one + idf * other) / (rarest + idf))


@pytest.mark.parametrize("pooling", ["sequence", "mean", "tfidf_mean"])
def test_unknown_words_are_exactly_the_same_after_reading_back(pooling: str) -> None:
    texts = ["aword9 unshared bwords", "zzzzz shared1 aword", "öword"]
    adapter = make_adapter(pooling=pooling, min_n=2)

    loaded = FastTextAdapter.from_dict(read_json(write_json(adapter.to_dict())))

    assert adapter.transform(texts).any(axis=1).all()
    assert np.array_equal(loaded.transform(texts), adapter.transform(texts))
    assert np.array_equal(np.vstack([loaded.transform([text]) for text in texts]), adapter.transform(texts))


def test_ngrams_of_no_length_are_refused() -> None:
    with pytest.raises(OptionError, match=r"min_n \(4\) must not be above max_n \(3\)"):
        FastTextAdapter(sequence_length=3, min_n=4, max_n=3)


@pytest.mark.parametrize(
    ("buckets", "found"),
    [
        ([1, 0], "out of order or too high"),
        ([1, 1], "out of order or too high"),
        ([0, 5], "out of order or too high"),
        ([-1, 0], "a value of -1"),
        ([0], "array of shape"),
        ([0.0, 1.0], "array of shape"),
    ],
    ids=str,
)
def test_buckets_that_training_never_gives_are_refused(buckets: list[Any], found: str) -> None:
    ngrams = np.zeros((2, 4), dtype=np.float32)
    numbers = np.array(buckets, dtype=np.int32 if type(buckets[0]) is int else np.float32)

    with pytest.raises(DocumentError, match=rf"adapter\.learnt\.(buckets|ngrams): found .*{found}"):
        FastTextAdapter.from_dict(make_document({"buckets": numbers, "ngrams": ngrams}, bucket=5))


def test_vectors_of_ngrams_that_would_overflow_are_refused() -> None:
    ngrams = np.full((5, 4), 1e30, dtype=np.float32)

    with pytest.raises(DocumentError, match=r"adapter\.learnt\.ngrams: found a value of 1e\+30"):
        FastTextAdapter.from_dict(make_document({"ngrams": ngrams}, bucket=5))
