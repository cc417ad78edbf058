"""Texts together with their words, so that no text is tokenised twice."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Self, overload

from pipeline.lazy import NDArray, np


class Tokens(Sequence[list[str]]):
    """The words of many texts at four bytes per word; a text's list is made on access. Never changed once made.

    Args:
        words: each distinct word once.
        numbers: shape (words of all texts,), int32; the position in `words` of each word.
        ends: shape (texts + 1,), int64; where the first text's words begin in `numbers`, then where each text's end.
    """

    def __init__(self, words: Sequence[str], numbers: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        self.words = words
        self.numbers = numbers
        self.ends = ends

    @classmethod
    def pack(cls, token_lists: Iterable[list[str]]) -> Self:
        """Return the words of token lists, holding only one list in memory at a time."""
        places: dict[str, int] = {}
        numbers, ends = array("i"), array("q", [0])
        for tokens in token_lists:
            numbers.extend([places.setdefault(word, len(places)) for word in tokens])
            ends.append(len(numbers))
        return cls(list(places), np.array(numbers, dtype=np.int32), np.array(ends, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __iter__(self) -> Iterator[list[str]]:
        words, numbers = self.words, self.numbers
        for start, end in pairwise(self.ends.tolist()):
            yield [words[number] for number in numbers[start:end].tolist()]

    @overload
    def __getitem__(self, place: int) -> list[str]: ...
    @overload
    def __getitem__(self, place: slice) -> Tokens: ...
    def __getitem__(self, place: int | slice) -> list[str] | Tokens:
        if isinstance(place, slice):
            start, end, _ = place.indices(len(self))
            return Tokens(self.words, self.numbers, self.ends[start : max(start, end) + 1])
        place = range(len(self))[place]
        return next(iter(self[place : place + 1]))

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """Return the words of the texts at these places."""
        begins = self.ends[rows]
        lengths = self.ends[rows + 1] - begins
        ends = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(ends[-1]) + np.repeat(begins - ends[:-1], lengths)
        return Tokens(self.words, self.numbers[places], ends)


class Corpus(Sequence[str]):
    """Texts and their words by the newest tokeniser; each is made on first access and kept.

    Args:
        count: the number of texts.
        list_texts: returns the texts.
        list_tokens: returns the words of each text.
        key: identifies these texts, as JSON values; None if they cannot be identified.
    """

    def __init__(
        self,
        count: int,
        list_texts: Callable[[], Sequence[str]],
        list_tokens: Callable[[], Tokens],
        key: Mapping[str, Any] | None = None,
    ) -> None:
        self._count = count
        self._list_texts = list_texts
        self._list_tokens = list_tokens
        self.key = key

    @cached_property
    def texts(self) -> Sequence[str]:
        """The texts."""
        return self._list_texts()

    @cached_property
    def tokens(self) -> Tokens:
        """The words of each text."""
        return self._list_tokens()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Corpus: ...
    def __getitem__(self, place: int | slice) -> str | Corpus:
        if isinstance(place, int):
            return self.texts[place]
        rows = range(self._count)[place]
        key = None if self.key is None else {"of": self.key, "rows": [rows.start, rows.stop, rows.step]}
        return Corpus(len(rows), lambda: self.texts[place], lambda: self.tokens[place], key)

    def take(self, rows: NDArray[np.int64]) -> Corpus:
        """Return the texts at these places, with a key of their own."""
        places = rows.tolist()
        digest = hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()
        key = None if self.key is None else {"of": self.key, "taken": digest}
        return Corpus(len(places), lambda: [self.texts[row] for row in places], lambda: self.tokens.take(rows), key)
