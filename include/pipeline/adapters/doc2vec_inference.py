"""Infers the vector of a text from the weights that Doc2Vec has learnt.

gensim's compiled code does so where gensim is installed. An installation that only answers lacks gensim. There, scipy's
BLAS does so, which gensim's code calls too: the numbers are the same to the last bit, but take several times as long.
"""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from itertools import accumulate
from math import exp
from typing import Any, TypeAlias

from pipeline.adapters.gensim_training import MOST_WORDS, REPRODUCIBLE
from pipeline.lazy import NDArray, np

Learn: TypeAlias = "Callable[[Sequence[str], float, np.random.RandomState, NDArray[np.float32]], None]"
"""Reads known words once, at a learning rate, and changes the text's vector in place."""

Dot: TypeAlias = "Callable[[NDArray[np.float32], NDArray[np.float32]], float]"

FIRST_RATE, LAST_RATE = 0.025, 0.0001
"""The learning rates of the first and the last reading of a text: gensim's, in training too."""
_DOMAIN = 2**31 - 1
_LARGEST = 6
_PARTS = 1_000
_STEPS = _PARTS // _LARGEST // 2
"""How many parts of the table of the logistic function a difference of 1 has."""


class Inference(ABC):
    """Infers texts from the same weights, in any number of threads at once."""

    @abstractmethod
    def begin(self) -> Learn:
        """Return what one thread learns with; it has working memory of its own."""


def open_inference(options: Any, counts: dict[str, int], weights: Mapping[str, NDArray[np.float32]]) -> Inference:
    """Return the faster way of those that are installed.

    Args:
        options: of the adapter.
        counts: how often each word occurred in training, in the order of the weights' rows.
        weights: `hidden`, of each word as one to predict; under distributed memory also `vectors`, of each as a
            neighbour.
    """
    try:
        return CompiledInference(options, counts, weights)
    except ModuleNotFoundError:
        return PlainInference(options, counts, weights)


class CompiledInference(Inference):
    """Infers by gensim; see `open_inference`."""

    def __init__(self, options: Any, counts: dict[str, int], weights: Mapping[str, NDArray[np.float32]]) -> None:
        from gensim.models.doc2vec import Doc2Vec, train_document_dbow, train_document_dm

        # Every word keeps the row that it has in the arrays, because compiled code reads them by these rows.
        model = Doc2Vec(**options.model_dump() | {"min_count": 1, "sample": 0}, **REPRODUCIBLE)
        model.raw_vocab = counts
        model.prepare_vocab()
        model.syn1neg = weights["hidden"]
        # the distributed bag of words reads no word's vector
        model.wv.vectors = weights.get("vectors", model.syn1neg[:1])
        self._model = model
        self._read = train_document_dm if options.dm else train_document_dbow
        self._buffers = ("work", "neu1") if options.dm else ("work",)

    def begin(self) -> Learn:
        # gensim draws random numbers from its model, which other threads that infer at the same time would share
        model, read = copy(self._model), self._read
        # If gensim allocates its working memory itself, it frees it while still in use.
        work = {name: np.zeros(model.vector_size, dtype=np.float32) for name in self._buffers}
        held = {"learn_words": False, "learn_hidden": False, "doctags_lockf": model.dv.vectors_lockf, **work}

        def learn(
            words: Sequence[str], rate: float, random: np.random.RandomState, vector: NDArray[np.float32]
        ) -> None:
            model.random = random
            read(model, words, [0], rate, doctag_vectors=vector, **held)

        return learn


class PlainInference(Inference):
    """Infers as gensim's `train_document_dbow` and `train_document_dm` do, number for number; see `open_inference`."""

    def __init__(self, options: Any, counts: dict[str, int], weights: Mapping[str, NDArray[np.float32]]) -> None:
        self._rows = {word: row for row, word in enumerate(counts)}
        self._hidden, self._vectors = weights["hidden"], weights.get("vectors")
        self._ends = find_ends(counts.values())
        self._sigmoid = tabulate_sigmoid()
        self._negative, self._window = options.negative, options.window

    def begin(self) -> Learn:
        from scipy.linalg.blas import saxpy

        hidden, dot = self._hidden, find_dot()
        work = np.zeros(hidden.shape[1], dtype=np.float32)

        def learn(
            words: Sequence[str], rate: float, random: np.random.RandomState, vector: NDArray[np.float32]
        ) -> None:
            rows = [self._rows[word] for word in words[:MOST_WORDS]]
            state = 2**24 * int(random.randint(0, 2**24)) + int(random.randint(0, 2**24))
            contexts = self._find_contexts(rows, random, vector)
            # what a word's weights add to the vector, by how likely the word seemed: the text's own words, and others
            own, other = (((np.float32(label) - self._sigmoid) * np.float32(rate)).tolist() for label in (1, 0))
            for row, drawn, context in zip(rows, self._draw(state, len(rows)), contexts, strict=True):
                work.fill(0)
                for target, gains in ((row, own), *((each, other) for each in drawn if each != row)):
                    weights = hidden[target]
                    likeness = dot(context, weights)
                    if -_LARGEST < likeness < _LARGEST:
                        saxpy(weights, work, a=gains[int((likeness + _LARGEST) * _STEPS)])
                vector += work

        return learn

    def _find_contexts(
        self, rows: Sequence[int], random: np.random.RandomState, vector: NDArray[np.float32]
    ) -> Iterator[NDArray[np.float32]]:
        """Yield what predicts each word: the text's vector, or the mean of it and of the vectors of near words."""
        if self._vectors is None:
            yield from (vector for _ in rows)
            return
        for place, less in enumerate(random.randint(0, self._window, len(rows)).tolist()):
            window = self._window - less
            near = [*rows[max(0, place - window) : place], *rows[place + 1 : place + 1 + window]]
            total = np.zeros_like(vector)
            for row in near:  # one after the other: sums in another order round differently
                total += self._vectors[row]
            total += vector
            yield total * (np.float32(1) / np.float32(len(near) + 1))

    def _draw(self, state: int, words: int) -> list[list[int]]:
        """Return for each word the rows of those from which it is distinguished, from the generator of drand48."""
        if not words:
            return []
        powers = np.cumprod(np.full(words * self._negative, 25214903917, dtype=np.uint64))
        powers = np.concatenate([np.ones(1, dtype=np.uint64), powers[:-1]])
        sums = np.cumsum(powers) - powers
        states = (powers * np.uint64(state) + np.uint64(11) * sums) & np.uint64(2**48 - 1)  # modulo 2⁶⁴, then 2⁴⁸
        drawn = np.searchsorted(self._ends, (states >> np.uint64(16)) % self._ends[-1])
        found: list[list[int]] = drawn.reshape(words, self._negative).tolist()
        return found


@cache
def find_dot() -> Dot:
    """Return the product of two vectors, from which `learn` reads the table as gensim does.

    BLAS returns a float, but where its register looks like a double, gensim takes it for one: the lower half is
    arbitrary, and the number is off by up to a millionth (`findings/gensim_takes_a_float_for_a_double.sh`). That
    matters only next to the end of one of the table's parts, so only there the function is called as gensim does.
    """
    from scipy.linalg.blas import sdot

    pointer = sdot._cpointer  # noqa: SLF001 - as gensim finds it
    read_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    read_pointer.restype, read_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    function = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_void_p] * 5)(read_pointer(pointer, None))
    one = ctypes.c_int(1)

    def call(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
        count, step = ctypes.c_int(len(left)), ctypes.byref(one)
        return float(np.float32(function(ctypes.byref(count), left.ctypes.data, step, right.ctypes.data, step)))

    ten, hundredth = (np.array([number], dtype=np.float32) for number in (10, 0.01))
    if abs(call(ten, hundredth) - 0.1) >= 0.0001:  # gensim's own check
        plain: Dot = sdot
        return plain

    def dot(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
        product = sdot(left, right)
        return product if abs(product * _STEPS % 1 - 0.5) < 0.499 else call(left, right)

    return dot


def find_ends(counts: Iterable[int]) -> NDArray[np.uint64]:
    """Return where each word's share of the drawn numbers ends; it grows with the word's count to the power of 0.75."""
    sums = [*accumulate(count**0.75 for count in counts)]
    return np.array([round(each / sums[-1] * _DOMAIN) for each in sums], dtype=np.uint64)


def tabulate_sigmoid() -> NDArray[np.float32]:
    """Return gensim's table of the logistic function from -6 to 6."""
    places = (np.arange(_PARTS, dtype=np.float32) / np.float32(_PARTS)).tolist()
    powers = np.array([exp((place * 2 - 1) * _LARGEST) for place in places], dtype=np.float32).tolist()
    return np.array([power / (power + 1) for power in powers], dtype=np.float32)
