"""From texts to words and ranks."""

import random
import sys
import unicodedata

import pytest

from pipeline.adapters.characters import FIRST, NEWEST, fold
from pipeline.adapters.terms import make_analyze
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("का को की", ["का", "को", "की"]),
        ("résumé re\u0301sume\u0301 RE\u0301SUME\u0301", ["résumé"] * 3),
        ("İstanbul İSTANBUL I\u0307stanbul istanbul", ["istanbul"] * 4),
        ("J\u030cAJ\u030c", ["ǰaǰ"]),  # composed in lower case only
        ("מֶלֶךְ مَلِك", ["מֶלֶךְ", "مَلِك"]),
        ("ไม้ ไม่", ["ไม้", "ไม่"]),
        ("ကျေးဇူး ខ្មែរ தமிழ்", ["ကျေးဇူး", "ខ្មែរ", "தமிழ்"]),
        ("𑄌𑄋𑄴𑄟𑄳𑄦 क", ["𑄌𑄋𑄴𑄟𑄳𑄦", "क"]),  # marks beyond the first 65,536 characters
        ("a\u0301𑄌 x\u0302", ["á𑄌", "x\u0302"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af 한글", ["한글", "한글"]),
        ("می\u200cخواهم می\u200c \u200cمی", ["می\u200cخواهم", "می", "می"]),
        ("ක්\u200dෂ അവന്\u200d", ["ක්\u200dෂ", "അവന്\u200d"]),
        ("Donau\u00addampf x\u2060y z\ufe0f", ["donaudampf", "xy", "z"]),
        ("a❤\ufe0fb 1\ufe0f\u20e3 \u0301 \u0301c", ["a", "b", "1", "c"]),
        ("का_को d'का’को _\u0301e", ["का", "को", "d'का’को", "e"]),
        ("a\u200bb", ["a", "b"]),  # a space without width is a space
    ],
)
def test_marks_belong_to_their_word_and_what_is_not_seen_to_none(text: str, words: list[str]) -> None:
    assert tokenise(text) == words
    assert tokenise(" ".join(words)) == words


def test_the_first_tokeniser_goes_on_as_it_was() -> None:
    assert tokenise("का re\u0301sume\u0301 İstanbul Donau\u00addampf don't", FIRST) == [
        *("क", "re", "sume", "i", "stanbul", "donau", "dampf", "don't")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The naïve café’s menu – “don’t”, 3½ €, x² and ½; snake_case, e-mail, 10,000.50",
        "Straße, Über-Größe, Œuvre, þorn, ŁÓDŹ, ΟΔΟΣ, ПРИВЕТ, Ǆ, ﬁne, Ⅳ",
        "東京都は日本の首都です。我們去北京、上海。 ＷＩＤＥ한국어",
    ],
)
def test_composed_texts_without_marks_give_what_they_gave(text: str) -> None:
    assert tokenise(text, NEWEST) == tokenise(text, FIRST)


def test_any_form_of_a_character_is_one_and_stays_as_it_is() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) not in ("Cs", "Cn", "Co"):
            forms = {unicodedata.normalize(form, f"a{chr(code)}b") for form in ("NFC", "NFD")} | {f"a{chr(code)}b"}
            (folded,) = {fold(form, NEWEST) for form in forms}
            assert fold(folded, NEWEST) == folded


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
def test_terms_of_characters_are_of_composed_texts_too(analyzer: str) -> None:
    newest, first = (make_analyze(analyzer, [1, 3], tokeniser) for tokeniser in (NEWEST, FIRST))

    composed, decomposed = newest(["Résumé İ", "Re\u0301sume\u0301 I\u0307"])

    assert composed == decomposed
    assert [*first(["Re\u0301"])] != [*first(["Ré"])]


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
