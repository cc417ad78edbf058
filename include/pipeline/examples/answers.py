"""A model's answers on the testing set, sealed: they can be compared, but not read.

A model's answer nearly always reveals an example's classification, which is encrypted wherever it is stored. So an
answer is stored as a code: the class encrypted with AES, mixed with the example. Codes of one example are equal if the
answers are equal; codes of two examples say nothing about each other. Ids, encrypted with another key, name the
examples, and all rows are in the order of these ids. Without the digest key, they cannot be traced back to a row.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from pipeline.examples.identity import DIGEST_BYTES, answers_key, example_ids_key

CODE_BYTES: Final = 4
"""Two different answers have the same code with probability 2^-32."""

Blocks = NDArray[np.uint8]
"""Shape (examples, 16)."""


@dataclass(frozen=True)
class SealedAnswers:
    """One model's answers to a testing set, the examples in ascending order of their ids.

    Attributes:
        examples: the ids of the testing examples, 16 bytes each.
        truths: the codes of their classifications, 4 bytes each.
        answers: the codes of the answers, 4 bytes each.
        shares: what each answer adds to the metric that ranks models, 4 bytes each (float32, little-endian); None if
            that is accuracy, to which each right answer adds the same.
    """

    examples: bytes
    truths: bytes
    answers: bytes
    shares: bytes | None = None

    @cached_property
    def testing_set(self) -> bytes:
        """The SHA-256 of the testing set, equal for the same examples and digest key; 32 bytes."""
        return hashlib.sha256(self.examples + self.truths).digest()


def seal_answers(
    digest_key: bytes,
    digests: Sequence[bytes],
    truths: Sequence[str],
    answers: Sequence[str],
    shares: NDArray[np.float64] | None = None,
) -> SealedAnswers:
    """Seal answers. All sequences have the same length and order.

    Args:
        digest_key: the key ring's digest key, 32 bytes.
        digests: the testing examples' keyed digests, 16 bytes each.
        truths: their classifications.
        answers: the model's answers.
        shares: what each answer adds to the metric; None for accuracy.
    """
    ids = encrypt_ids(digest_key, digests)
    order = np.lexsort(ids.T[::-1])
    ids, key = ids[order], answers_key(digest_key)
    codes = [_encrypt(key, ids ^ _digest_names(names)[order])[:, :CODE_BYTES] for names in (truths, answers)]
    sorted_shares = None if shares is None else shares[order].astype("<f4").tobytes()
    return SealedAnswers(ids.tobytes(), codes[0].tobytes(), codes[1].tobytes(), sorted_shares)


def encrypt_ids(digest_key: bytes, digests: Sequence[bytes]) -> Blocks:
    """Return the ids of examples in the order of their keyed digests, as `SealedAnswers.examples` has them in its."""
    return _encrypt(example_ids_key(digest_key), np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES))


def cut(rows: bytes, size: int = DIGEST_BYTES) -> list[bytes]:
    """Return the parts of some bytes, each of one example: ids, digests, or with `CODE_BYTES` codes."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def list_digests(digest_key: bytes, ids: bytes) -> list[bytes]:
    """Return the keyed digests of the examples that ids name, 16 bytes each: what `seal_answers` made them of."""
    decryptor = Cipher(algorithms.AES(example_ids_key(digest_key)), modes.ECB()).decryptor()  # noqa: S305
    return cut(decryptor.update(ids))


def name_answers(digest_key: bytes, ids: bytes, codes: bytes, names: Sequence[str]) -> list[str | None]:
    """Return the classes that codes stand for; None for a code of none of these names.

    Args:
        digest_key: the digest key with which they were sealed.
        ids: the ids of the examples, 16 bytes each.
        codes: the codes of their classes or answers, 4 bytes each, in the same order.
        names: every class that they may be of.
    """
    key, blocks = answers_key(digest_key), np.frombuffer(ids, np.uint8).reshape(-1, DIGEST_BYTES)
    wanted = np.frombuffer(codes, np.uint8).reshape(-1, CODE_BYTES)
    found: list[str | None] = [None] * len(blocks)
    for name in names:
        made = _encrypt(key, blocks ^ _digest_names([name]))[:, :CODE_BYTES]
        for place in np.flatnonzero((made == wanted).all(axis=1)).tolist():
            found[place] = name
    return found


def _digest_names(classifications: Sequence[str]) -> Blocks:
    """Return a digest of each class name, shape (examples, 16)."""
    places = {name: place for place, name in enumerate(dict.fromkeys(classifications))}
    digests = b"".join(hashlib.sha256(name.encode()).digest()[:DIGEST_BYTES] for name in places)
    by_place = np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)
    return by_place[[places[name] for name in classifications]]


def _encrypt(key: bytes, blocks: Blocks) -> Blocks:
    """Return AES of each block by itself, as a keyed function: equal blocks have equal results on purpose.

    Its results are stored and compared with later ones, so it must never be changed.
    """
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return np.frombuffer(encryptor.update(blocks.tobytes()), np.uint8).reshape(-1, DIGEST_BYTES)
