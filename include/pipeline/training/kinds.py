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
from pipeline.examples.corpus import Corpus, Tokens
from pipeline.examples.identity import DIGEST_BYTES


@dataclass(frozen=True)
class TrainingData:
    """The examples that a definition trains and tests on.

    Attributes:
        training: the class of each training example.
        testing: the class of each testing example.
        testing_digests: the keyed digest of each testing example.
        account: what the lineage says about both sets; it contains no text and no class.
        texts: the texts of both sets, the training set's first.
    """

    training: Sequence[str]
    testing: Sequence[str]
    testing_digests: Sequence[bytes]
    account: dict[str, Any]
    texts: Corpus

    @property
    def training_texts(self) -> Corpus:
        """The text of each training example."""
        return self.texts[: len(self.training)]

    @property
    def testing_texts(self) -> Corpus:
        """The text of each testing example."""
        return self.texts[len(self.training) :]


def make_corpus(count: int, list_texts: Callable[[], Sequence[str]]) -> Corpus:
    """Return texts with their words, both made on first use."""
    corpus = Corpus(count, list_texts, lambda: Tokens.pack(map(tokenise, corpus.texts)))
    return corpus


def _pack_examples(examples: TrainingData) -> Any:
    names = sorted({*examples.training, *examples.testing})
    numbers = {name: number for number, name in enumerate(names)}
    texts = examples.texts.texts
    return {
        "classes": names,
        "training": np.array([numbers[name] for name in examples.training], dtype=np.int32),
        "testing": np.array([numbers[name] for name in examples.testing], dtype=np.int32),
        "testing_digests": np.frombuffer(b"".join(examples.testing_digests), np.uint8),
        "account": examples.account,
        "texts": _pack_texts("".join(texts)),
        "ends": np.cumsum([0, *map(len, texts)], dtype=np.int64),
    }


def _unpack_examples(tree: Any) -> TrainingData:
    names = tree["classes"]

    def list_texts() -> list[str]:
        joined = _unpack_texts(tree["texts"])
        return [joined[start:end] for start, end in pairwise(tree["ends"].tolist())]

    training, testing = ([names[number] for number in tree[each].tolist()] for each in ("training", "testing"))
    joined = tree["testing_digests"].tobytes()
    digests = [joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)]
    corpus = make_corpus(len(training) + len(testing), list_texts)
    return TrainingData(training, testing, digests, tree["account"], corpus)


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
