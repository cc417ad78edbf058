"""Trains gensim's models on one thread, so that the same texts and seed give the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, Protocol

from pipeline.adapters.tokenise import count_words
from pipeline.errors import TrainingError
from pipeline.extras import explaining_missing
from pipeline.lazy import NDArray, np

# Far above what training produces, and small enough that no sum of vectors overflows.
LARGEST_VALUE = 1e9

REPRODUCIBLE: dict[str, int] = {
    "workers": 1,
    "sorted_vocab": 0,  # keeps the order of `count_known`; gensim would reverse equally frequent words
}

MOST_WORDS = 10_000
"""How many words of a list gensim reads (`MAX_WORDS_IN_BATCH`); it ignores the rest without a warning."""


def load_gensim(module: str) -> Any:
    """Return a module of `gensim.models`; it takes a second to import, and only training needs it.

    Raises:
        NotInstalledError: it is not installed.
    """
    with explaining_missing():
        return import_module(f"gensim.models.{module}")


def cut(words: Sequence[str]) -> list[Sequence[str]]:
    """Return a text's words in as few pieces as possible, each of at most `MOST_WORDS` and of about the same length."""
    count = max(1, -(-len(words) // MOST_WORDS))
    bounds = [len(words) * number // count for number in range(count + 1)]
    return [words[start:end] for start, end in pairwise(bounds)]


class Pieces:
    """The pieces of many texts, cut again in each iteration, so that the words of a corpus stay packed in memory."""

    def __init__(self, token_lists: Sequence[Sequence[str]]) -> None:
        self._token_lists = token_lists
        self._count = sum(len(cut(tokens)) for tokens in token_lists)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Sequence[str]]:
        for tokens in self._token_lists:
            yield from cut(tokens)


def count_known(token_lists: Sequence[Sequence[str]], min_count: int, where: str) -> dict[str, int]:
    """Return the count of each word that occurs at least `min_count` times, most frequent first.

    Raises:
        TrainingError: there is no such word.
    """
    counts = {word: count for word, count in count_words(token_lists) if count >= min_count}
    if not counts:
        raise TrainingError(
            where,
            f"no word is left after tokenising {len(token_lists)} training texts",
            f"at least one word that occurs {min_count} times (min_count)",
            "choose another span or collection, or a lower min_count",
        )
    return counts


class Texts(Protocol):
    """The training texts, over which gensim iterates once in each epoch."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


def train(model: Any, corpus: Texts, counts: dict[str, int], words: int) -> None:
    """Train a new gensim model.

    Args:
        corpus: the pieces of the training texts, as the model takes them.
        counts: the words to learn, in the order of the model's rows.
        words: how many words the corpus has, known or not.
    """
    model.build_vocab_from_freq(counts, corpus_count=len(corpus))
    model.train(corpus, total_examples=len(corpus), total_words=words, epochs=model.epochs)


def require_bounded(arrays: Sequence[NDArray[np.float32]], where: str) -> None:
    """Refuse numbers that a document could not hold.

    Raises:
        TrainingError: a number is not finite, or larger than `LARGEST_VALUE`.
    """
    if not all(np.abs(array).max(initial=0.0) <= LARGEST_VALUE for array in arrays):
        raise TrainingError(where, "the vectors grew beyond bounds", next_step="train fewer epochs")
