"""Where gensim is missing, Doc2Vec's vectors and FastText's n-grams are the same to the last bit."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec
from gensim.models.fasttext import ft_ngram_hashes

from corpus import make_examples
from pipeline.adapters import doc2vec_inference
from pipeline.adapters.characters import FIRST
from pipeline.adapters.doc2vec_adapter import Doc2VecAdapter
from pipeline.adapters.doc2vec_inference import FIRST_RATE, LAST_RATE, CompiledInference, PlainInference, find_ends
from pipeline.adapters.ngram_hashes import hash_ngrams
from pipeline.components.features import Features

TEXTS = [*make_examples(60).texts]
LONG = " ".join(TEXTS * 60)  # more words than gensim reads at once


def read_adapter(document: dict[str, Any], way: type, monkeypatch: pytest.MonkeyPatch) -> Doc2VecAdapter:
    monkeypatch.setattr(doc2vec_inference, "CompiledInference", way)
    adapter = Doc2VecAdapter.from_dict(document)
    assert type(adapter._inference) is way
    return adapter


def infer_both_ways(
    document: dict[str, Any], texts: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Features, Features]:
    """Return the features that gensim gives, and those without gensim."""
    ways = (CompiledInference, PlainInference)
    compiled, plain = (read_adapter(document, way, monkeypatch).transform(texts) for way in ways)
    return compiled, plain


@pytest.mark.parametrize(
    "options",
    [
        {"dm": 0},
        {"dm": 1},
        {"dm": 1, "window": 1, "vector_size": 1},
        {"dm": 1, "window": 40, "vector_size": 1},
        {"dm": 0, "vector_size": 1, "negative": 1, "epochs": 1},
        {"dm": 0, "vector_size": 131, "negative": 17},
        {"dm": 1, "vector_size": 131, "negative": 17, "min_count": 1},
    ],
    ids=str,
)
def test_the_vectors_are_gensims(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    document = Doc2VecAdapter(**({"vector_size": 20} | options)).fit(TEXTS, seed=3).to_dict()

    compiled, plain = infer_both_ways(document, ["", "unheard", "aword0", *TEXTS], monkeypatch)

    assert compiled[2:].any(axis=1).all()
    assert np.array_equal(compiled, plain)


@pytest.mark.parametrize("dm", [0, 1])
@pytest.mark.parametrize("tokeniser", [FIRST, FIRST + 1])
def test_long_texts_are_cut_as_for_gensim(dm: int, tokeniser: int, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = Doc2VecAdapter(dm=dm, vector_size=3, epochs=1, negative=1).fit(TEXTS)
    document = adapter.to_dict() | {"tokeniser": tokeniser}

    compiled, plain = infer_both_ways(document, [LONG], monkeypatch)

    assert len(LONG.split()) > 10_000
    assert np.array_equal(compiled, plain)


@pytest.mark.parametrize("scale", [20, 1e7])
@pytest.mark.parametrize("dm", [0, 1])
def test_likenesses_beyond_the_table_are_passed_over_as_by_gensim(
    dm: int, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Doc2VecAdapter(dm=dm, vector_size=5).fit(TEXTS).to_dict()
    draw = np.random.default_rng(0)
    for name in ("hidden", "vectors")[: dm + 1]:
        shape = document["learnt"][name].shape
        document["learnt"][name] = draw.normal(scale=scale, size=shape).astype(np.float32)

    compiled, plain = infer_both_ways(document, TEXTS, monkeypatch)

    assert np.array_equal(compiled, plain)


def test_words_are_drawn_as_often_as_by_gensim() -> None:
    draw = random.Random(0)  # noqa: S311
    counts = [draw.randrange(1, 10 ** draw.randrange(1, 12)) for _ in range(500)]
    model = Word2Vec(min_count=1, sorted_vocab=0)
    model.build_vocab_from_freq({str(place): count for place, count in enumerate(counts)})

    assert find_ends(counts).tolist() == model.cum_table.tolist()
    assert (model.alpha, model.min_alpha) == (FIRST_RATE, LAST_RATE)


def test_without_gensim_the_other_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'gensim'", name="gensim")

    document = Doc2VecAdapter(vector_size=3).fit(TEXTS).to_dict()
    monkeypatch.setattr(doc2vec_inference, "CompiledInference", fail)

    adapter = Doc2VecAdapter.from_dict(document)

    assert isinstance(adapter._inference, PlainInference)
    assert np.array_equal(adapter.to_dict()["learnt"]["hidden"], document["learnt"]["hidden"])


@pytest.mark.parametrize(("shortest", "longest"), [(1, 1), (1, 4), (2, 2), (3, 6), (1, 20), (20, 20)])
def test_the_n_grams_are_those_of_gensim(shortest: int, longest: int) -> None:
    words = ["a", "aword0", "öffentlich", "東京都", "का", "naïve’s", "𐐀𐐁x", "", "longest-of-all-these-words"]

    for word in words:
        assert hash_ngrams(word, shortest, longest, 20_000) == ft_ngram_hashes(word, shortest, longest, 20_000)
