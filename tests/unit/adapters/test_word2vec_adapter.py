"""`Word2VecAdapter`: what its two ways of pooling hold."""

import numpy as np
import pytest

from corpus import make_examples
from pipeline.adapters.word2vec_adapter import Word2VecAdapter
from pipeline.errors import DocumentError, TrainingError

TEXTS = make_examples().texts


def test_a_sequence_is_its_words_vectors_then_zeros() -> None:
    adapter = Word2VecAdapter(sequence_length=3, vector_size=4).fit(TEXTS)
    vectors = dict(zip(adapter.to_dict()["words"], adapter.to_dict()["vectors"], strict=True))

    features = adapter.transform(["shared1 unheard aword0"])

    assert np.array_equal(features[0], np.concatenate([vectors["shared1"], vectors["aword0"], np.zeros(4)]))


def test_the_mean_is_over_the_first_known_words() -> None:
    adapter = Word2VecAdapter(sequence_length=2, vector_size=4, pooling="mean").fit(TEXTS)
    vectors = dict(zip(adapter.to_dict()["words"], adapter.to_dict()["vectors"], strict=True))

    features = adapter.transform(["shared1 unheard aword0 shared2"])

    assert adapter.width == 4
    assert np.allclose(features[0], (vectors["shared1"] + vectors["aword0"]) / 2)


def test_words_rarer_than_min_count_are_unknown() -> None:
    adapter = Word2VecAdapter(sequence_length=2, min_count=2).fit(["a a b", "a c"])

    assert adapter.to_dict()["words"] == ["a"]


def test_a_lower_min_count_is_proposed_when_no_word_is_left() -> None:
    with pytest.raises(TrainingError, match="occurs 3 times") as caught:
        Word2VecAdapter(sequence_length=2, min_count=3).fit(["a b", "a c"])

    assert "lower min_count" in caught.value.next_step


def test_another_seed_gives_other_vectors() -> None:
    first, second = (Word2VecAdapter(sequence_length=2).fit(TEXTS, seed).to_dict()["vectors"] for seed in (1, 2))

    assert not np.array_equal(first, second)


def test_words_that_stand_together_come_closer_in_training() -> None:
    adapter = Word2VecAdapter(sequence_length=1, vector_size=16, epochs=60).fit(make_examples(300, classes=2).texts)

    one, same, other = adapter.transform(["aword0", "aword1", "bword0"])

    assert cosine(one, same) > cosine(one, other)


def test_vectors_of_another_size_than_the_option_are_refused() -> None:
    document = Word2VecAdapter(sequence_length=2, vector_size=4).fit(TEXTS).to_dict()

    with pytest.raises(DocumentError, match=r"adapter\.vectors: found .* shape \(20, 4\); allowed is .*\(20, 5\)"):
        Word2VecAdapter.from_dict(document | {"vector_size": 5})


def test_vectors_so_long_that_sums_overflow_are_refused() -> None:
    document = Word2VecAdapter(sequence_length=2, vector_size=4).fit(TEXTS).to_dict()

    with pytest.raises(DocumentError, match=r"adapter\.vectors: found a value of"):
        Word2VecAdapter.from_dict(document | {"vectors": np.full_like(document["vectors"], 1e30)})


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
