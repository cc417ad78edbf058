"""Cuts texts into words, in the same way for every adapter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeGuard

from pipeline.adapters.characters import NEWEST, find_words, fold
from pipeline.examples.corpus import Corpus
from pipeline.lazy import NDArray, np

LONGEST_WORD = 1_000
_OUTSIDE = re.compile(r"'(?:(?<![a-z0-9]')|(?![a-z0-9]))")  # the first character is fixed, so `re` can look for it
_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == "'" else ord(" ") for code in range(128))
_TABLE = _ASCII.ljust(256)


def tokenise(text: str, tokeniser: int = NEWEST) -> list[str]:
    """Return a text's words in lower case: runs of letters and digits of any script, with their marks.

    Apostrophes inside a word are kept. Words of more than `LONGEST_WORD` characters are left out: they are encoded
    data, which would only make a model larger. For example, "Don't PANIC!" gives `["don't", "panic"]`.

    Args:
        text: any text.
        tokeniser: the number of a tokeniser in `characters.py`; an adapter has its own.
    """
    if text.isascii():
        words = _split_ascii(text)
    else:
        text = fold(text, tokeniser)
        words = find_words(text, tokeniser)
    return [word for word in words if len(word) <= LONGEST_WORD] if len(text) > LONGEST_WORD else words


def tokenise_all(texts: Sequence[str], tokeniser: int) -> Sequence[list[str]]:
    """Return each text's words, which can be iterated more than once; those of a corpus are not cut again."""
    return texts.tokens if _has_words(texts, tokeniser) else [tokenise(text, tokeniser) for text in texts]


def tokenise_each(texts: Iterable[str], tokeniser: int) -> Iterable[list[str]]:
    """Return each text's words, which can be iterated once; they are cut text by text, unless a corpus has them."""
    return texts.tokens if _has_words(texts, tokeniser) else (tokenise(text, tokeniser) for text in texts)


def _has_words(texts: Iterable[str], tokeniser: int) -> TypeGuard[Corpus]:
    return tokeniser == NEWEST and isinstance(texts, Corpus)


def _split_ascii(text: str) -> list[str]:
    """Return the same words twice as fast, for a text of ASCII characters only."""
    spaced = text.encode("ascii").translate(_TABLE).decode("ascii")
    return (_OUTSIDE.sub(" ", spaced) if "'" in spaced else spaced).split()


def count_words(token_lists: Iterable[Sequence[str]]) -> list[tuple[str, int]]:
    """Return each word and its count, most frequent first and equally frequent words in alphabetical order."""
    counts: Counter[str] = Counter()
    for tokens in token_lists:
        counts.update(tokens)
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def rank_words(tokens: Iterable[str], ranks: Mapping[str, int], sequence_length: int) -> list[int]:
    """Return the ranks (from 1) of the first `sequence_length` known words; unknown words are skipped."""
    return list(islice(filter(None, map(ranks.get, tokens)), sequence_length))


def rank_sequences(
    texts: Sequence[str], ranks: Mapping[str, int], sequence_length: int, tokeniser: int = NEWEST
) -> NDArray[np.int64]:
    """Return the ranks (from 1) of each text's known words, shape (n, sequence_length).

    Unknown words are skipped, so the first `sequence_length` known words count; shorter rows end in zeros.
    """
    sequences = np.zeros((len(texts), sequence_length), dtype=np.int64)
    for row, tokens in enumerate(tokenise_each(texts, tokeniser)):
        known = rank_words(tokens, ranks, sequence_length)
        sequences[row, : len(known)] = known
    return sequences
