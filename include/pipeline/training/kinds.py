"""The kinds of entries that trainings share, with the conversion of each to JSON values and arrays and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.tokenise import tokenise
from pipeline.cache.cache import Kind
from pipeline.components.features import Features
from pipeline.datasets.folds import Folds
from pipeline.examples.corpus import Corpus, Tokens
from pipeline.examples.identity import DIGEST_BYTES

SETS: Final = ("training", "validation", "testing")
"""The sets of examples, in their order."""


@dataclass(frozen=True)
class TrainingData:
    """The examples that a definition trains on, those that choose among the definitions, and those it is tested on.

    Attributes:
        classes: the class of each example: those of the training set first, then validation, then testing.
        digests: the keyed digest of each example, in the same order.
        texts: the texts, in the same order.
        counts: how many examples the training, the validation and the testing set have.
        folds: how the training set is divided for cross-validation; None if it is not.
        account: what the lineage says about the sets; it contains no text and no class.
    """

    classes: Sequence[str]
    digests: Sequence[bytes]
    texts: Corpus
    counts: tuple[int, int, int]
    folds: Folds | None
    account: dict[str, Any]

    @property
    def training(self) -> range:
        """The places of the training set's examples."""
        return range(self.counts[0])

    @property
    def validation(self) -> range:
        """The places of the validation set's examples; empty if there is no such set."""
        return range(self.counts[0], self.counts[0] + self.counts[1])

    @property
    def testing(self) -> range:
        """The places of the testing set's examples."""
        return range(self.counts[0] + self.counts[1], sum(self.counts))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Corpus:
        """Return the texts of the examples at these places, ascending."""
        return self.texts[rows.start : rows.stop] if isinstance(rows, range) else self.texts.take(np.asarray(rows))


def make_corpus(count: int, list_texts: Callable[[], Sequence[str]]) -> Corpus:
    """Return texts with their words, both made on first use."""
    corpus = Corpus(count, list_texts, lambda: Tokens.pack(map(tokenise, corpus.texts)))
    return corpus


def _pack_examples(examples: TrainingData) -> Any:
    names = sorted({*examples.classes})
    numbers = {name: number for number, name in enumerate(names)}
    texts, folds = examples.texts.texts, examples.folds
    return {
        "names": names,
        "classes": np.array([numbers[name] for name in examples.classes], dtype=np.int32),
        "digests": np.frombuffer(b"".join(examples.digests), np.uint8),
        "counts": [*examples.counts],
        "folds": None if folds is None else vars(folds),
        "account": examples.account,
        "texts": _pack_texts("".join(texts)),
        "ends": np.cumsum([0, *map(len, texts)], dtype=np.int64),
    }


def _unpack_examples(tree: Any) -> TrainingData:
    names, folds = tree["names"], tree["folds"]

    def list_texts() -> list[str]:
        joined = _unpack_texts(tree["texts"])
        return [joined[start:end] for start, end in pairwise(tree["ends"].tolist())]

    joined = tree["digests"].tobytes()
    return TrainingData(
        classes=[names[number] for number in tree["classes"].tolist()],
        digests=[joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)],
        texts=make_corpus(sum(tree["counts"]), list_texts),
        counts=tuple(tree["counts"]),
        folds=None if folds is None else Folds(**folds),
        account=tree["account"],
    )


def _pack_tokens(tokens: Tokens) -> Any:
    return {"words": _pack_texts(" ".join(tokens.words)), "numbers": tokens.numbers, "ends": tokens.ends}


def _unpack_tokens(tree: Any) -> Tokens:
    return Tokens(_unpack_texts(tree["words"]).split(" "), tree["numbers"], tree["ends"])


def _pack_texts(joined: str) -> NDArray[np.uint8]:
    # a text may hold a lone surrogate, which UTF-8 cannot encode
    return np.frombuffer(joined.encode(errors="surrogatepass"), np.uint8)


def _unpack_texts(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode(errors="surrogatepass")


def _pack_features(features: Features) -> Any:
    if isinstance(features, np.ndarray):
        return features
    return {"shape": [*features.shape], **{name: getattr(features, name) for name in ("data", "indices", "indptr")}}


def _unpack_features(tree: Any) -> Features:
    if isinstance(tree, np.ndarray):
        return tree
    from scipy.sparse import csr_array

    features = csr_array((tree["data"], tree["indices"], tree["indptr"]), shape=tuple(tree["shape"]))
    features.has_canonical_format = True  # `make_sparse` made it so; checking would take as long as reading
    return features


EXAMPLES: Final = Kind("examples", _pack_examples, _unpack_examples)
TOKENS: Final = Kind("words", _pack_tokens, _unpack_tokens)
FEATURES: Final[Kind[Features]] = Kind("adapted examples", _pack_features, _unpack_features)
