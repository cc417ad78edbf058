"""Cuts texts into terms, for every adapter that counts terms."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline.adapters.characters import fold
from pipeline.adapters.tokenise import tokenise_each

LONGEST_TERM = 8
_LETTER = re.compile(r"[^\W_]")
ANALYZER = (
    "What terms consist of. word: whole words; char: characters of the lower-cased text; char_wb: the same, but not "
    "across white space, with a space before and after each word."
)
NGRAM_RANGE = "How many words or characters a term has: [shortest, longest]."

Analyze = Callable[[Iterable[str]], Iterable[Sequence[str]]]
Analyzer = Literal["word", "char", "char_wb"]


def _check_order(lengths: list[int]) -> list[int]:
    shortest, longest = lengths
    if shortest > longest:
        raise ValueError(f"the shortest length ({shortest}) must not be above the longest ({longest})")
    return lengths


NgramRange = Annotated[
    list[Annotated[int, Field(ge=1, le=LONGEST_TERM)]],
    Field(min_length=2, max_length=2),
    AfterValidator(_check_order),
]

# The terms of a word are remembered, of so few and so short words that they take 100 MiB at most.
_REMEMBERED_WORDS = 8_192
_REMEMBERED_LENGTH = 20


def name_units(analyzer: str) -> str:
    """Return what terms consist of, in words for a message."""
    return "words" if analyzer == "word" else "characters of a text with a word"


def make_analyze(analyzer: str, ngram_range: Sequence[int], tokeniser: int) -> Analyze:
    """Return a function that lists each text's terms, with repetitions.

    A text without letters or digits has no terms. The terms are scikit-learn's, with three differences: words are cut
    by this project's tokeniser, any run of white space counts as one space, and a single space is not a term.
    """
    lengths = range(ngram_range[0], ngram_range[1] + 1)
    if analyzer == "word":
        if lengths == range(1, 2):
            return partial(tokenise_each, tokeniser=tokeniser)
        return lambda texts: ([*_join(tokens, lengths)] for tokens in tokenise_each(texts, tokeniser))
    list_terms = _make_cut_words(lengths) if analyzer == "char_wb" else _make_cut_texts(lengths)
    return lambda texts: (list_terms(fold(text, tokeniser).split()) if _LETTER.search(text) else [] for text in texts)


def _join(words: Sequence[str], lengths: range) -> Iterable[str]:
    for length in lengths:
        yield from map(" ".join, zip(*(words[start:] for start in range(length)), strict=False))


def _cut(text: str, lengths: range) -> Iterable[str]:
    for length in lengths:
        if length == 1:
            yield from text.replace(" ", "")
        else:
            yield from (text[start : start + length] for start in range(len(text) - length + 1))


def _make_cut_texts(lengths: range) -> Callable[[list[str]], list[str]]:
    return lambda words: [*_cut(" ".join(words), lengths)]


def _make_cut_words(lengths: range) -> Callable[[list[str]], list[str]]:
    def cut(word: str) -> list[str]:
        # a word that is too short for any term is a term by itself
        return [*_cut(f" {word} ", lengths)] if len(word) + 2 >= lengths[0] else [f" {word} "]

    remembered = lru_cache(_REMEMBERED_WORDS)(cut)

    def list_terms(words: list[str]) -> list[str]:
        parts = (remembered(word) if len(word) <= _REMEMBERED_LENGTH else cut(word) for word in words)
        return [*chain.from_iterable(parts)]

    return list_terms


def count_terms(texts: Iterable[str], analyze: Analyze) -> tuple[Counter[str], Counter[str]]:
    """Return in how many texts each term occurs, and how often it is repeated within them."""
    holding: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    for terms in analyze(texts):
        counts = Counter(terms)
        holding.update(counts.keys())
        for term, count in counts.items():
            if count > 1:
                repeats[term] += count - 1
    return holding, repeats
