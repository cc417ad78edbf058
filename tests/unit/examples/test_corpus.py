"""Texts that bring their words along."""

import pytest

from pipeline.examples.corpus import Corpus, Tokens

LISTS = [["a", "b", "a"], [], ["c"], ["b", "b"]]


def test_packed_words_come_back_as_lists() -> None:
    tokens = Tokens.pack(LISTS)

    assert [*tokens] == LISTS
    assert [*tokens] == LISTS  # again
    assert len(tokens) == 4
    assert [*tokens.words] == ["a", "b", "c"]


@pytest.mark.parametrize("rows", [slice(1, 3), slice(0, 0), slice(2, None), slice(3, 1), slice(0, 99)])
def test_a_slice_has_the_words_of_its_texts(rows: slice) -> None:
    assert [*Tokens.pack(LISTS)[rows]] == LISTS[rows]


def test_one_text_has_its_own_words_and_beyond_the_last_there_is_none() -> None:
    tokens = Tokens.pack(LISTS)

    assert (tokens[0], tokens[-1], tokens[1:][1]) == (LISTS[0], LISTS[-1], LISTS[2])
    with pytest.raises(IndexError):
        tokens[4]


def test_no_texts_have_no_words() -> None:
    assert [*Tokens.pack([])] == []


def test_nothing_is_made_before_it_is_asked_for_and_then_once() -> None:
    made: list[str] = []

    def list_texts() -> list[str]:
        made.append("texts")
        return ["a b a", "", "c", "b b"]

    def list_tokens() -> Tokens:
        made.append("tokens")
        return Tokens.pack(LISTS)

    corpus = Corpus(4, list_texts, list_tokens)
    part = corpus[1:3]
    assert (len(corpus), len(part), made) == (4, 2, [])

    assert [*part.tokens] == [*corpus.tokens[1:3]] == LISTS[1:3]
    assert made == ["tokens"]
    assert [*part] == ["", "c"]
    assert (corpus[3], made) == ("b b", ["tokens", "texts"])
