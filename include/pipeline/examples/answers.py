"""What a model answered on the testing set, sealed: whether two answers are the same can be seen, which they were not.

A model's answer says nearly always what an example's classification is, and that is encrypted wherever it stands. So an
answer is kept as a code: the class under AES, with a key made from the digest key, mixed with the example's id. The
codes of one example are equal where the answers are; those of two examples tell nothing about each other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pipeline.examples.identity import DIGEST_BYTES, answers_key

CODE_BYTES: Final = 4
"""Two different answers have the same code once in four thousand million times."""


@dataclass(frozen=True)
class SealedAnswers:
    """One model's answers to a testing set.

    Attributes:
        examples: the keyed digest of each testing example, 16 bytes each, one after the other.
        truths: the code of each one's classification, 4 bytes each.
        answers: the code of each answer, 4 bytes each.
    """

    examples: bytes
    truths: bytes
    answers: bytes

    @cached_property
    def testing_set(self) -> bytes:
        """What the testing set is known by: the same examples in the same order, under the same digest key."""
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
    key, examples = answers_key(digest_key), b"".join(digests)
    return SealedAnswers(examples, _seal(key, examples, truths), _seal(key, examples, answers))


def _seal(key: bytes, examples: bytes, classifications: Sequence[str]) -> bytes:
    names = {name: place for place, name in enumerate(dict.fromkeys(classifications))}
    digests = b"".join(hashlib.sha256(name.encode()).digest()[:DIGEST_BYTES] for name in names)
    by_name = np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)
    rows = np.frombuffer(examples, np.uint8).reshape(-1, DIGEST_BYTES)
    blocks = rows ^ by_name[[names[name] for name in classifications]]
    # Each block is of its own example and class, so that none comes twice but for what is to be seen as equal.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    sealed = np.frombuffer(encryptor.update(blocks.tobytes()), np.uint8).reshape(-1, DIGEST_BYTES)
    return sealed[:, :CODE_BYTES].tobytes()
