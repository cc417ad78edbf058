"""From texts to words and ranks."""

import pytest

from pipeline.adapters.tokenise import count_words, rank_sequences, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The quick, brown FOX!", ["the", "quick", "brown", "fox"]),
        ("don't 'quote' rock’n’roll", ["don't", "quote", "rock’n’roll"]),
        ("snake_case e-mail 2016", ["snake", "case", "e", "mail", "2016"]),
        ("Straße Ünïcode Привет 東京", ["straße", "ünïcode", "привет", "東京"]),
        ("\n\t …!? ", []),
        ("", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


def test_words_are_counted_most_frequent_first_then_alphabetically() -> None:
    assert count_words([["b", "a", "c"], ["c"]]) == [("c", 2), ("a", 1), ("b", 1)]


def test_unknown_words_are_skipped_and_rows_cut_or_padded() -> None:
    sequences = rank_sequences(["b unknown a", "a b a b", ""], {"a": 1, "b": 2}, sequence_length=3)

    assert sequences.tolist() == [[2, 1, 0], [1, 2, 1], [0, 0, 0]]
