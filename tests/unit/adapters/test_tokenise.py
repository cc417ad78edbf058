"""From texts to words and ranks."""

import random

import pytest

from pipeline.adapters.tokenise import LONGEST_WORD, count_words, rank_sequences, rank_words, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The quick, brown FOX!", ["the", "quick", "brown", "fox"]),
        ("don't 'quote' rock’n’roll", ["don't", "quote", "rock’n’roll"]),
        ("snake_case e-mail 2016", ["snake", "case", "e", "mail", "2016"]),
        ("Straße Ünïcode Привет 東京", ["straße", "ünïcode", "привет", "東京"]),
        ("''a'' b''c d'e'f 'g' h'", ["a", "b", "c", "d'e'f", "g", "h"]),
        ("''á'' b''c d'e'f 'g' h'", ["á", "b", "c", "d'e'f", "g", "h"]),
        ("a_'b_c' d'_e\x1f\x00f\x7fg", ["a", "b", "c", "d", "e", "f", "g"]),
        ("\n\t …!? ", []),
        ("", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


def test_texts_in_ascii_give_the_words_that_they_give_among_others() -> None:
    draw = random.Random(0)  # noqa: S311
    characters = [chr(code) for code in range(128)] + ["'"] * 40 + list("aA0_") * 10
    texts = ["".join(draw.choices(characters, k=60)) for _ in range(500)]

    assert [tokenise(text) for text in texts] == [tokenise(f"{text} é")[:-1] for text in texts]


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_what_is_longer_than_any_word_is_left_out(letter: str) -> None:
    longest = letter * LONGEST_WORD

    assert tokenise(f"b {longest} {longest}{letter} c") == ["b", longest, "c"]


def test_words_are_counted_most_frequent_first_then_alphabetically() -> None:
    assert count_words([["b", "a", "c"], ["c"]]) == [("c", 2), ("a", 1), ("b", 1)]


def test_the_first_known_words_are_ranked() -> None:
    assert rank_words(["b", "x", "a", "b"], {"a": 1, "b": 2}, sequence_length=2) == [2, 1]


def test_unknown_words_are_skipped_and_rows_cut_or_padded() -> None:
    sequences = rank_sequences(["b unknown a", "a b a b", ""], {"a": 1, "b": 2}, sequence_length=3)

    assert sequences.tolist() == [[2, 1, 0], [1, 2, 1], [0, 0, 0]]
