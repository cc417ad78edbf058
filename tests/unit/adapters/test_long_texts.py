"""Texts of more words than gensim reads at once: every word counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from gensim.models import Doc2Vec
from gensim.models.doc2vec import TaggedDocument
from gensim.models.word2vec import MAX_WORDS_IN_BATCH

from corpus import make_examples
from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.adapters.doc2vec_adapter import Doc2VecAdapter
from pipeline.adapters.gensim_training import MOST_WORDS, REPRODUCIBLE, Pieces, cut
from pipeline.adapters.tokenise import count_words, tokenise
from pipeline.examples.corpus import Corpus, Tokens

TEXTS = [*make_examples().texts]
EARLY = "early1 early2 early3 early4 " * (MOST_WORDS // 4)
LATE = "late1 late2 late3 late4 " * 500


def make(name: str, **options: Any) -> Adapter:
    needed = {} if name == "Doc2VecAdapter" else {"sequence_length": 10_000}
    bucket = {"bucket": 300} if name == "FastTextAdapter" else {}
    pooling = {} if name == "Doc2VecAdapter" else {"pooling": "mean"}
    return adapters[name](**(needed | bucket | pooling | {"vector_size": 4} | options))


def test_the_limit_is_gensims() -> None:
    assert MOST_WORDS == MAX_WORDS_IN_BATCH


@pytest.mark.parametrize(
    ("words", "sizes"),
    [(0, [0]), (1, [1]), (MOST_WORDS, [MOST_WORDS]), (MOST_WORDS + 1, [5_000, 5_001]), (25_000, [8_333, 8_333, 8_334])],
)
def test_pieces_are_few_and_about_as_long(words: int, sizes: list[int]) -> None:
    text = [f"word{number}" for number in range(words)]

    pieces = cut(text)

    assert [len(piece) for piece in pieces] == sizes
    assert [word for piece in pieces for word in piece] == text
    assert list(Pieces([text, ["a"]])) == [*pieces, ["a"]]
    assert len(Pieces([text, ["a"]])) == len(sizes) + 1


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("name", ["Word2VecAdapter", "FastTextAdapter"])
def test_words_behind_the_limit_are_learnt(name: str, sg: int) -> None:
    apart = " ".join(sorted(LATE.split()))  # as often, but beside other words

    one, other = (
        make(name, sg=sg, sample=0.0).fit([EARLY + late, *TEXTS], seed=3).to_dict()["learnt"] for late in (LATE, apart)
    )

    assert one["words"] == other["words"]
    for word, vector, other_vector in zip(one["words"], one["vectors"], other["vectors"], strict=True):
        assert word[:4] != "late" or not np.array_equal(vector, other_vector)


@pytest.mark.parametrize("dm", [0, 1])
def test_doc2vec_learns_and_infers_from_words_behind_the_limit(dm: int) -> None:
    adapter = make("Doc2VecAdapter", dm=dm, epochs=2).fit([EARLY + LATE, *TEXTS], seed=3)
    alone = make("Doc2VecAdapter", dm=dm, epochs=2).fit([EARLY, LATE, *TEXTS], seed=3)

    hidden = dict(zip(adapter.terms, adapter.to_dict()["learnt"]["hidden"], strict=True))
    assert hidden["late1"].any()  # they begin at zeros
    assert set(adapter.terms) == set(alone.terms)
    early, both, other = adapter.transform([EARLY, EARLY + LATE, EARLY + LATE.replace("late", "early")])
    assert not np.array_equal(both, early)
    assert not np.array_equal(both, other)


@pytest.mark.parametrize("dm", [0, 1])
def test_a_document_of_the_first_tokeniser_infers_from_as_many_words_as_it_did(dm: int) -> None:
    document = make("Doc2VecAdapter", dm=dm, epochs=2).fit([EARLY + LATE, *TEXTS]).to_dict()

    older = Doc2VecAdapter.from_dict(document | {"tokeniser": 1})

    first, whole = older.transform([EARLY, EARLY + LATE])
    assert np.array_equal(first, whole)


@pytest.mark.parametrize("dm", [0, 1])
def test_a_text_of_exactly_so_many_words_is_one_piece_and_trains_what_gensim_trains(dm: int) -> None:
    texts = [EARLY, *TEXTS]
    token_lists = [tokenise(text) for text in texts]
    reference = Doc2Vec(vector_size=4, dm=dm, epochs=2, min_count=2, seed=5, **REPRODUCIBLE)
    reference.dv.index_to_key = list(range(len(texts)))
    reference.build_vocab_from_freq(dict(count_words(token_lists)), corpus_count=len(texts))
    corpus = [TaggedDocument(tokens, [number]) for number, tokens in enumerate(token_lists)]
    reference.train(corpus, total_examples=len(texts), total_words=sum(map(len, token_lists)), epochs=2)

    learnt = make("Doc2VecAdapter", dm=dm, epochs=2).fit(texts, seed=5).to_dict()["learnt"]

    assert np.array_equal(learnt["hidden"], reference.syn1neg)


@pytest.mark.parametrize("name", ["Word2VecAdapter", "FastTextAdapter", "Doc2VecAdapter"])
def test_a_corpus_gives_what_its_texts_give(name: str) -> None:
    texts: Sequence[str] = [EARLY + LATE, *TEXTS]
    corpus = Corpus(len(texts), lambda: texts, lambda: Tokens.pack(map(tokenise, texts)))

    by_corpus, by_texts = (make(name, epochs=1).fit(each).to_dict()["learnt"] for each in (corpus, texts))

    assert {key: np.asarray(value).tolist() for key, value in by_corpus.items()} == {
        key: np.asarray(value).tolist() for key, value in by_texts.items()
    }
