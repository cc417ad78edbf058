"""Authenticated encryption of one example's text and classification, bound to its place.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext; that bounds one key to
2**32 rows. The associated data holds the collection, the row's id, its time and the key's id, so a payload
that is copied to another row, or whose row is given another time, no longer opens.
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
    """Return where a row stands, as its payload is bound to it: the id, and the microseconds from 1970."""
    return _PLACE.pack(row_id, microseconds)


def unpack_moments(places: Iterable[bytes]) -> "array[int]":
    """Return the microseconds from 1970 of places."""
    return array("q", chain.from_iterable(_MOMENT.iter_unpack(b"".join(places))))


class Cipher:
    """Seals and opens the payloads of one collection; opens those of every key in the keyring."""

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
        # Drawn at once because the system takes longer to be asked than to answer; none is left for another call, so
        # that no copy of this process can use one again.
        drawn = os.urandom(NONCE_BYTES * len(rows))
        payloads = []
        for number, (place, classification, text) in enumerate(rows):
            nonce = drawn[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
            payloads.append(nonce + encrypt(nonce, length_prefixed(classification) + text, bound + place))
        return key_id, payloads

    def open(self, key_id: str, row_id: bytes, microseconds: int, payload: Buffer) -> tuple[str, str]:
        """Return the classification and the text.

        Raises:
            KeyRingError: the key is not there, does not fit, or the row was altered or moved.
        """
        (classification,), (text,) = self.open_rows([(pack_place(row_id, microseconds), key_id, payload)])
        return classification, text

    def open_rows(self, rows: Iterable[tuple[bytes, str, Buffer]]) -> tuple[list[str], list[str]]:
        """Return the classifications and the texts of rows, each a place, a key's id and a payload.

        Raises:
            KeyRingError: as `open` does, for the first row that does not open.
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
            # One string a class, not one a row.
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
