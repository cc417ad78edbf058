"""Authenticated encryption of one example's text and classification, bound to its row.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext, which limits one key to 2**32 rows.
The associated data contains the collection, the row's id, its time and the key's id, so a payload that is copied to
another row, or whose row gets another time, can no longer be opened.
"""

import os
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.errors import KeyRingError
from pipeline.examples.identity import DIGEST_BYTES, length_prefixed
from pipeline.examples.keyring import KeyRing

NONCE_BYTES = 12
_FORMAT = b"pipeline example 1"
_PLACE = Struct(">16sq")
_MOMENT = Struct(">16xq")
_LENGTH = Struct(">I")

Buffer = bytes | bytearray | memoryview


def pack_place(row_id: bytes, microseconds: int) -> bytes:
    """Return the place to which a row's payload is bound: the id, and the microseconds from 1970, in 24 bytes."""
    return _PLACE.pack(row_id, microseconds)


def unpack_moments(places: Iterable[bytes]) -> "array[int]":
    """Return the microseconds from 1970 of places."""
    return array("q", chain.from_iterable(_MOMENT.iter_unpack(b"".join(places))))


class Cipher:
    """Seals the payloads of one collection with the current key, and opens those of every key in the key ring.

    One thread at a time may use a cipher.
    """

    def __init__(self, keyring: KeyRing, collection: str) -> None:
        self.keyring = keyring
        self.collection = collection
        self._ciphers: dict[str, tuple[AESGCM, bytes]] = {}
        self._names: dict[bytes, str] = {}

    def seal(self, row_id: bytes, microseconds: int, classification: bytes, text: bytes) -> tuple[str, bytes]:
        """Return the current key's id and the payload: nonce, ciphertext, tag."""
        key_id, (payload,) = self.seal_rows([(pack_place(row_id, microseconds), classification, text)])
        return key_id, payload

    def seal_rows(self, rows: Sequence[tuple[bytes, bytes, bytes]]) -> tuple[str, list[bytes]]:
        """Return the current key's id and the payloads of rows, each a place, a classification and a text."""
        key_id = self.keyring.current.id
        cipher, bound = self._ciphers.get(key_id) or self._cipher(key_id)
        encrypt = cipher.encrypt
        # One draw for all rows is faster than one for each. None is kept for another call, so that no fork of this
        # process can use a nonce again.
        drawn = os.urandom(NONCE_BYTES * len(rows))
        payloads = []
        for number, (place, classification, text) in enumerate(rows):
            nonce = drawn[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
            payloads.append(nonce + encrypt(nonce, length_prefixed(classification) + text, bound + place))
        return key_id, payloads

    def open(self, key_id: str, row_id: bytes, microseconds: int, payload: Buffer) -> tuple[str, str]:
        """Return the classification and the text of a row.

        Raises:
            KeyRingError: the key is missing or another one, or the row was altered or moved.
        """
        (classification,), (text,) = self.open_rows([(pack_place(row_id, microseconds), key_id, payload)])
        return classification, text

    def open_rows(self, rows: Iterable[tuple[bytes, str, Buffer]]) -> tuple[list[str], list[str]]:
        """Return the classifications and the texts of rows, each a place, a key's id and a payload.

        Raises:
            KeyRingError: as in `open`, for the first row that cannot be opened.
        """
        classifications: list[str] = []
        texts: list[str] = []
        names, unpack_length, former = self._names, _LENGTH.unpack_from, None
        for place, key_id, payload in rows:
            if key_id != former:
                cipher, bound = self._ciphers.get(key_id) or self._cipher(key_id)
                decrypt, former = cipher.decrypt, key_id
            try:
                plain = decrypt(payload[:NONCE_BYTES], payload[NONCE_BYTES:], bound + place)
            except (InvalidTag, ValueError):
                raise self._refusal(key_id, place) from None
            start = _LENGTH.size + unpack_length(plain)[0]
            name = plain[_LENGTH.size : start]
            # one string for each class, not for each row
            classifications.append(names.get(name) or names.setdefault(name, name.decode()))
            texts.append(plain[start:].decode())
        return classifications, texts

    def _cipher(self, key_id: str) -> tuple[AESGCM, bytes]:
        parts = (_FORMAT, self.collection.encode(), key_id.encode())
        bound = b"".join(length_prefixed(part) for part in parts)
        self._ciphers[key_id] = (AESGCM(self.keyring[key_id].secret), bound)
        return self._ciphers[key_id]

    def _refusal(self, key_id: str, place: bytes) -> KeyRingError:
        return KeyRingError(
            f"examples database, collection {self.collection!r}, row {place[:DIGEST_BYTES].hex()}",
            f"the key {key_id!r} does not open it",
            "either the keyring holds another key under that id, or the row was altered or moved",
            f"compare {self.keyring.origin} with the keyring it was loaded with, or restore the row",
        )
