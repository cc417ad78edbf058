"""What a model answered on the testing set, sealed: whether two answers are the same can be seen, which they were not.

A model's answer says nearly always what an example's classification is, and that is encrypted wherever it stands. So an
answer is kept as a code: the class under AES, mixed with the example. The codes of one example are equal where the
answers are; those of two examples tell nothing about each other. Which example it is tells an id under another key, and
all are in the order of these ids: whoever has the databases and not the digest key can lead none of it back to a row.
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
"""Two different answers have the same code once in four thousand million times."""

Blocks = NDArray[np.uint8]
"""Shape (examples, 16)."""


@dataclass(frozen=True)
class SealedAnswers:
    """One model's answers to a testing set.

    Attributes:
        examples: the id of each testing example, 16 bytes each, one after the other, in ascending order.
        truths: the code of each one's classification, 4 bytes each.
        answers: the code of each answer, 4 bytes each.
    """

    examples: bytes
    truths: bytes
    answers: bytes

    @cached_property
    def testing_set(self) -> bytes:
        """What the testing set is known by: the same examples, under the same digest key."""
        return hashlib.sha256(self.examples + self.truths).digest()


def seal_answers(
    digest_key: bytes, digests: Sequence[bytes], truths: Sequence[str], answers: Sequence[str]
) -> SealedAnswers:
    """Seal what was answered.

    Args:
        digests: the testing examples' keyed digests.
        truths: their classifications.
        answers: what was answered, all three in the same order.
    """
    ids = _encrypt(example_ids_key(digest_key), np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES))
    order = np.lexsort(ids.T[::-1])
    ids, key = ids[order], answers_key(digest_key)
    codes = [_encrypt(key, ids ^ _digest_names(names)[order])[:, :CODE_BYTES] for names in (truths, answers)]
    return SealedAnswers(ids.tobytes(), *(each.tobytes() for each in codes))


def _digest_names(classifications: Sequence[str]) -> Blocks:
    """Return a digest of each class's name."""
    places = {name: place for place, name in enumerate(dict.fromkeys(classifications))}
    digests = b"".join(hashlib.sha256(name.encode()).digest()[:DIGEST_BYTES] for name in places)
    by_place = np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)
    return by_place[[places[name] for name in classifications]]


def _encrypt(key: bytes, blocks: Blocks) -> Blocks:
    """Return AES of each block by itself, as a keyed function: equal blocks are to be seen as equal.

    Its results are stored and compared with later ones, so it never becomes another function.
    """
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return np.frombuffer(encryptor.update(blocks.tobytes()), np.uint8).reshape(-1, DIGEST_BYTES)
