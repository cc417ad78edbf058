"""Authenticated encryption of one entry of the store, piece by piece, under the key that examples are encrypted with.

AES-256-GCM (NIST SP 800-38D) under a key of the entry's own, which HKDF (RFC 5869) derives from the key ring's current
key, a random salt and the entry's name. So an entry that is copied to another name cannot be opened, and because no two
entries share a key, the number of a piece serves as its nonce.
"""

import os
from collections.abc import Callable
from struct import Struct
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.examples.cipher import Buffer
from pipeline.examples.keyring import Key, KeyRing

PIECE_BYTES: Final = 2**20
"""An entry is sealed and opened in pieces of this size, so this much memory is needed in addition to its own."""

_MAGIC: Final = b"prepared 1\n"
_SALT_BYTES: Final = 32
_TAG_BYTES: Final = 16
_HEAD = Struct(f">{len(_MAGIC)}sB64s{_SALT_BYTES}s")


class Unreadable(Exception):  # noqa: N818 - it ends in a cache miss and is never shown
    """An entry that is incomplete, has another name, or is under a key that is not the current one."""


class Sealer:
    """Writes the pieces of an entry into a file, each sealed."""

    def __init__(self, file: BinaryIO, keyring: KeyRing, name: str) -> None:
        salt, key = os.urandom(_SALT_BYTES), keyring.current
        self._write, self._cipher = file.write, _draw_cipher(key, salt, name)
        self._count = 0
        key_id = key.id.encode()
        self._write(_HEAD.pack(_MAGIC, len(key_id), key_id, salt))

    def seal(self, plain: Buffer) -> None:
        """Write bytes in as many pieces as needed; no bytes need no piece."""
        for piece in _cut(plain):
            self._write(self._cipher.encrypt(_nonce(self._count), piece, None))
            self._count += 1


class Opener:
    """Reads the pieces of an entry from a file, in the sizes in which they were written."""

    def __init__(self, file: BinaryIO, keyring: KeyRing, name: str) -> None:
        self._read: Callable[[int], bytes] = file.read
        head = self._read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(_MAGIC):
            raise Unreadable
        _, length, key_id, salt = _HEAD.unpack(head)
        # an entry under an old key is made again, so that it disappears together with the key
        if key_id[:length] != keyring.current.id.encode():
            raise Unreadable
        self._cipher = _draw_cipher(keyring.current, salt, name)
        self._count = 0

    def open_into(self, plain: memoryview) -> None:
        """Fill `plain` with the bytes that one call sealed.

        Raises:
            Unreadable: it was sealed differently, or at another position.
        """
        for piece in _cut(plain):
            sealed = self._read(len(piece) + _TAG_BYTES)
            try:
                self._cipher.decrypt_into(_nonce(self._count), sealed, None, piece)
            except (InvalidTag, ValueError):
                raise Unreadable from None
            self._count += 1


def _draw_cipher(key: Key, salt: bytes, name: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"pipeline prepared 1 " + name.encode()).derive(key.secret))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _cut(plain: Buffer) -> list[memoryview]:
    view = memoryview(plain).cast("B")
    return [view[start : start + PIECE_BYTES] for start in range(0, len(view), PIECE_BYTES)]
