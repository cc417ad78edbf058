"""Texts that bring their words along, so that who needs words does not look for them again."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray


class Tokens(Sequence[list[str]]):
    """The words of many texts, four bytes each: a text's list is made whenever it is asked for.

    Args:
        words: every word once.
        numbers: the place among `words` of each word of all texts, int32.
        ends: where the first text's words begin among `numbers`, and where each text's end; int64, one more than texts.
    """

    def __init__(self, words: Sequence[str], numbers: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        self.words = words
        self.numbers = numbers
        self.ends = ends

    @classmethod
    def pack(cls, token_lists: Iterable[list[str]]) -> Self:
        """Return the same words; of the lists, only one at a time is held."""
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
    def __getitem__(self, place: slice) -> "Tokens": ...
    def __getitem__(self, place: int | slice) -> "list[str] | Tokens":
        if isinstance(place, slice):
            start, end, _ = place.indices(len(self))
            return Tokens(self.words, self.numbers, self.ends[start : max(start, end) + 1])
        place = range(len(self))[place]
        return next(iter(self[place : place + 1]))


class Corpus(Sequence[str]):
    """Texts in order, each with its words as the newest tokeniser gives them; both are made when first asked for.

    Args:
        count: how many texts there are.
        list_texts: gives them.
        list_tokens: gives each text's words.
        key: what tells these texts from all others, as JSON values; None where nobody can say.
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
        """The texts themselves."""
        return self._list_texts()

    @cached_property
    def tokens(self) -> Tokens:
        """Each text's words."""
        return self._list_tokens()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Corpus": ...
    def __getitem__(self, place: int | slice) -> "str | Corpus":
        if isinstance(place, int):
            return self.texts[place]
        rows = range(self._count)[place]
        key = None if self.key is None else {"of": self.key, "rows": [rows.start, rows.stop, rows.step]}
        return Corpus(len(rows), lambda: self.texts[place], lambda: self.tokens[place], key)
