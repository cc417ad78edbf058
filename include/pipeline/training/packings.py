"""How what is prepared once is kept: as JSON values and arrays, and back, every number and every order the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.cache.once import Packing
from pipeline.components.features import Features
from pipeline.examples.corpus import Tokens
from pipeline.examples.identity import DIGEST_BYTES


@dataclass(frozen=True)
class Examples:
    """A training set and a testing set: each example's class, and what lineage tells of both.

    Attributes:
        training: the training set's classes, in its order.
        testing: the testing set's.
        testing_digests: each testing example's keyed digest.
        account: what lineage tells.
        list_texts: gives the texts of both sets, the training set's first.
    """

    training: Sequence[str]
    testing: Sequence[str]
    testing_digests: Sequence[bytes]
    account: dict[str, Any]
    list_texts: Callable[[], Sequence[str]]


class AdaptedExamples(NamedTuple):
    """What an adapter makes of a training set and of a testing set."""

    training: Features
    testing: Features


def _pack_examples(examples: Examples) -> Any:
    names = sorted({*examples.training, *examples.testing})
    numbers = {name: number for number, name in enumerate(names)}
    texts = examples.list_texts()
    return {
        "classes": names,
        "training": np.array([numbers[name] for name in examples.training], dtype=np.int32),
        "testing": np.array([numbers[name] for name in examples.testing], dtype=np.int32),
        "testing_digests": np.frombuffer(b"".join(examples.testing_digests), np.uint8),
        "account": examples.account,
        "texts": _pack_texts("".join(texts)),
        "ends": np.cumsum([0, *map(len, texts)], dtype=np.int64),
    }


def _unpack_examples(tree: Any) -> Examples:
    names = tree["classes"]

    def list_texts() -> list[str]:
        joined = _unpack_texts(tree["texts"])
        return [joined[start:end] for start, end in pairwise(tree["ends"].tolist())]

    training, testing = ([names[number] for number in tree[each].tolist()] for each in ("training", "testing"))
    joined = tree["testing_digests"].tobytes()
    digests = [joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)]
    return Examples(training, testing, digests, tree["account"], list_texts)


def _pack_tokens(tokens: Tokens) -> Any:
    return {"words": _pack_texts(" ".join(tokens.words)), "numbers": tokens.numbers, "ends": tokens.ends}


def _unpack_tokens(tree: Any) -> Tokens:
    return Tokens(_unpack_texts(tree["words"]).split(" "), tree["numbers"], tree["ends"])


def _pack_texts(joined: str) -> NDArray[np.uint8]:
    # half a surrogate pair is no UTF-8, but may stand in a text
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
    features.has_canonical_format = True  # as `make_sparse` leaves them; to look would take as long as to read
    return features


EXAMPLES: Final = Packing(_pack_examples, _unpack_examples)
TOKENS: Final[Packing[Tokens]] = Packing(_pack_tokens, _unpack_tokens)
ADAPTED_EXAMPLES: Final[Packing[AdaptedExamples]] = Packing(
    lambda both: [_pack_features(each) for each in both], lambda tree: AdaptedExamples(*map(_unpack_features, tree))
)
