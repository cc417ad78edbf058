"""How gensim's models are trained here: on one thread, so that the same texts and seed give the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol

from pipeline.adapters.tokenise import count_words
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np

# Far beyond what training gives, and so small that no sum of vectors can overflow.
LARGEST_VALUE = 1e9

REPRODUCIBLE: dict[str, int] = {
    "workers": 1,
    "sorted_vocab": 0,  # words keep the order of `count_known`; gensim would turn that of equally frequent ones round
}

MOST_WORDS = 10_000
"""gensim reads so many words of a list (`MAX_WORDS_IN_BATCH`), and passes over the rest without saying so."""


def cut(words: Sequence[str]) -> list[Sequence[str]]:
    """Return a text's words in as few pieces of `MOST_WORDS` at most as there can be, all about as long."""
    count = max(1, -(-len(words) // MOST_WORDS))
    bounds = [len(words) * number // count for number in range(count + 1)]
    return [words[start:end] for start, end in pairwise(bounds)]


class Pieces:
    """The pieces of many texts, made whenever they are gone through, so that a corpus' words stay packed."""

    def __init__(self, token_lists: Sequence[Sequence[str]]) -> None:
        self._token_lists = token_lists
        self._count = sum(len(cut(tokens)) for tokens in token_lists)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Sequence[str]]:
        for tokens in self._token_lists:
            yield from cut(tokens)


def count_known(token_lists: Sequence[Sequence[str]], min_count: int, where: str) -> dict[str, int]:
    """Return how often each word occurs that does so `min_count` times or more, most frequent first.

    Raises:
        TrainingError: no word does.
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
    """What gensim goes through, as often as there are epochs."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


def train(model: Any, corpus: Texts, counts: dict[str, int], words: int) -> None:
    """Train a gensim model that knows nothing yet.

    Args:
        corpus: the pieces of the training texts, as the model takes them.
        counts: the words to know, in the order of the model's rows.
        words: how many words the corpus has, known or not.
    """
    model.build_vocab_from_freq(counts, corpus_count=len(corpus))
    model.train(corpus, total_examples=len(corpus), total_words=words, epochs=model.epochs)


def require_bounded(arrays: Sequence[NDArray[np.float32]], where: str) -> None:
    """Refuse what a document could not hold.

    Raises:
        TrainingError: a number that is not finite, or beyond `LARGEST_VALUE`.
    """
    if not all(np.abs(array).max(initial=0.0) <= LARGEST_VALUE for array in arrays):
        raise TrainingError(where, "the vectors grew beyond bounds", next_step="train fewer epochs")
