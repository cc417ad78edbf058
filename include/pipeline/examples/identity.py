"""Digests that identify rows. They are keyed, so that without the key nobody can test a guess of a row's text."""

import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

DIGEST_BYTES: Final = 16
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970-01-01 UTC to `moment`, which has a time zone."""
    return (moment - EPOCH) // _MICROSECOND


def length_prefixed(part: bytes) -> bytes:
    """Return `part` with its length in front, so that joined parts cannot be split in two ways."""
    return len(part).to_bytes(4, "big") + part


def digest_content(digest_key: bytes, microseconds: int, classification: bytes, text: bytes) -> bytes:
    """Return the keyed digest of an example, 16 bytes of HMAC-SHA256. It is stored and never changes."""
    content = microseconds.to_bytes(8, "big", signed=True) + length_prefixed(classification) + text
    return _digest(digest_key, b"content", content)


def fingerprint(digest_key: bytes) -> bytes:
    """Return a digest of the digest key, by which key rings with the same digest key recognise each other."""
    return _digest(digest_key, b"fingerprint", b"")


def answers_key(digest_key: bytes) -> bytes:
    """Return the key that seals answers. Like the digest key, it stays the same when keys are rotated."""
    return _digest(digest_key, b"answers", b"")


def example_ids_key(digest_key: bytes) -> bytes:
    """Return the key for ids that distinguish examples without leading back to their rows."""
    return _digest(digest_key, b"example ids", b"")


def identify(
    digest_key: bytes, collection: str, given_id: str | None, content_digest: bytes, occurrence: int = 1
) -> bytes:
    """Return a row's id, 16 bytes, made of the id in its file or, without one, of its content and its occurrence.

    Args:
        digest_key: the digest key of the key ring.
        collection: the collection of the row.
        given_id: the id in the file; None if it has none.
        content_digest: the row's `digest_content`.
        occurrence: 1 for the first row with that content in its file, 2 for the second.
    """
    place = length_prefixed(collection.encode())
    if given_id is not None:
        return _digest(digest_key, b"id of given id", place + given_id.encode())
    nth = b"" if occurrence == 1 else occurrence.to_bytes(8, "big")  # the first keeps its former id
    return _digest(digest_key, b"id of content", place + content_digest + nth)


def _digest(digest_key: bytes, purpose: bytes, message: bytes) -> bytes:
    prepared = _prepare(digest_key, purpose).copy()
    prepared.update(message)
    return prepared.digest()[:DIGEST_BYTES]


@lru_cache(16)
def _prepare(digest_key: bytes, purpose: bytes) -> hmac.HMAC:
    """Return the state after the key and the purpose, for copying; that saves a third of the work for a short text."""
    return hmac.new(digest_key, length_prefixed(purpose), "sha256")
