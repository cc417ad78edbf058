"""Authenticated encryption of one example's text and classification, bound to its place.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext; that bounds one key to
2**32 rows. The associated data holds the collection, the row's id, its time and the key's id, so a payload
that is copied to another row, or whose row is given another time, no longer opens.
"""

import os
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.errors import KeyRingError
from pipeline.examples.identity import length_prefixed
from pipeline.examples.keyring import KeyRing

NONCE_BYTES = 12
_FORMAT = b"pipeline example 1"
_PLACE = Struct(">16sq")
_LENGTH_BYTES = 4

Buffer = bytes | bytearray | memoryview


class Cipher:
    """Seals and opens the payloads of one collection; opens those of every key in the keyring."""

    def __init__(self, keyring: KeyRing, collection: str) -> None:
        self.keyring = keyring
        self.collection = collection
        self._ciphers: dict[str, tuple[AESGCM, bytes]] = {}
        self._names: dict[bytes, str] = {}

    def seal(self, row_id: bytes, microseconds: int, classification: bytes, text: bytes) -> tuple[str, bytes]:
        """Return the current key's id and the payload: nonce, ciphertext, tag."""
        key_id = self.keyring.current.id
        cipher, bound = self._ciphers.get(key_id) or self._cipher(key_id)
        nonce = os.urandom(NONCE_BYTES)
        plain = length_prefixed(classification) + text
        return key_id, nonce + cipher.encrypt(nonce, plain, bound + _PLACE.pack(row_id, microseconds))

    def open(self, key_id: str, row_id: bytes, microseconds: int, payload: Buffer) -> tuple[str, str]:
        """Return the classification and the text.

        Raises:
            KeyRingError: the key is not there, does not fit, or the row was altered or moved.
        """
        cipher, bound = self._ciphers.get(key_id) or self._cipher(key_id)
        try:
            plain = cipher.decrypt(
                payload[:NONCE_BYTES], payload[NONCE_BYTES:], bound + _PLACE.pack(row_id, microseconds)
            )
        except (InvalidTag, ValueError):
            raise self._refusal(key_id, row_id) from None
        start = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES], "big")
        name = plain[_LENGTH_BYTES:start]
        # One string a class, not one a row.
        classification = self._names.get(name) or self._names.setdefault(name, name.decode())
        return classification, plain[start:].decode()

    def _cipher(self, key_id: str) -> tuple[AESGCM, bytes]:
        parts = (_FORMAT, self.collection.encode(), key_id.encode())
        bound = b"".join(length_prefixed(part) for part in parts)
        self._ciphers[key_id] = (AESGCM(self.keyring[key_id].secret), bound)
        return self._ciphers[key_id]

    def _refusal(self, key_id: str, row_id: bytes) -> KeyRingError:
        return KeyRingError(
            f"examples database, collection {self.collection!r}, row {row_id.hex()}",
            f"the key {key_id!r} does not open it",
            "either the keyring holds another key under that id, or the row was altered or moved",
            f"compare {self.keyring.origin} with the keyring it was loaded with, or restore the row",
        )
