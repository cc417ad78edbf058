"""A model's answers to the testing set, sealed: one can see whether two answers are the same, but not what they are.

A model's answer nearly always reveals an example's classification, which is encrypted wherever it is stored. So an
answer is stored as a code, AES over the class mixed with the example. Two codes of one example are equal if the answers
are; codes of different examples reveal nothing about each other. Examples have ids under another key, and are in the
order of these ids, so nobody who has the databases but not the digest key can trace a code back to a row.
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
"""Two different answers have the same code with a probability of 1 in 2³²."""

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
        """The digest that identifies the testing set, equal for the same examples under the same digest key."""
        return hashlib.sha256(self.examples + self.truths).digest()


def seal_answers(
    digest_key: bytes, digests: Sequence[bytes], truths: Sequence[str], answers: Sequence[str]
) -> SealedAnswers:
    """Seal a model's answers.

    Args:
        digests: the testing examples' keyed digests.
        truths: their classifications.
        answers: the classes that the model answered; all three are in the same order.
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
