"""Texts to words, in one way for every adapter."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

LONGEST_WORD = 1_000
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def tokenise(text: str) -> list[str]:
    """Return a text's words in lower case: runs of letters and digits of any script, apostrophes inside kept.

    What is longer than any word of any language is left out: encoded data, which would only swell a model.
    """
    words: list[str] = _WORD.findall(text.lower())
    return [word for word in words if len(word) <= LONGEST_WORD] if len(text) > LONGEST_WORD else words


def count_words(token_lists: Iterable[Sequence[str]]) -> list[tuple[str, int]]:
    """Return each word and its count, most frequent first, equally frequent ones in alphabetical order."""
    counts: Counter[str] = Counter()
    for tokens in token_lists:
        counts.update(tokens)
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def rank_sequences(texts: Sequence[str], ranks: Mapping[str, int], sequence_length: int) -> NDArray[np.int64]:
    """Return the ranks (from 1) of each text's known words, shape (n, sequence_length).

    Unknown words are skipped, so the first `sequence_length` known words count; shorter rows end in zeros.
    """
    sequences = np.zeros((len(texts), sequence_length), dtype=np.int64)
    for row, text in enumerate(texts):
        known = list(islice(filter(None, map(ranks.get, tokenise(text))), sequence_length))
        sequences[row, : len(known)] = known
    return sequences
