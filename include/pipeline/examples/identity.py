"""What makes two rows the same: keyed digests, so that nobody without the key can test a guess."""

import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

DIGEST_BYTES: Final = 16
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970 to `moment`, in UTC."""
    return (moment - EPOCH) // _MICROSECOND


def length_prefixed(part: bytes) -> bytes:
    """Return `part` behind its length, so that joined parts cannot be read in two ways."""
    return len(part).to_bytes(4, "big") + part


def digest_content(digest_key: bytes, microseconds: int, classification: bytes, text: bytes) -> bytes:
    """Return the keyed digest of an example: 16 bytes of HMAC-SHA256."""
    content = microseconds.to_bytes(8, "big", signed=True) + length_prefixed(classification) + text
    return _digest(digest_key, b"content", content)


def fingerprint(digest_key: bytes) -> bytes:
    """Return what two key rings share exactly when they share their digest key."""
    return _digest(digest_key, b"fingerprint", b"")


def answers_key(digest_key: bytes) -> bytes:
    """Return the key that answers are sealed with; it stays the same when keys are rotated, as the digest key does."""
    return _digest(digest_key, b"answers", b"")


def example_ids_key(digest_key: bytes) -> bytes:
    """Return the key of the ids by which examples are told apart where their rows must not be found."""
    return _digest(digest_key, b"example ids", b"")


def identify(
    digest_key: bytes, collection: str, given_id: str | None, content_digest: bytes, occurrence: int = 1
) -> bytes:
    """Return a row's id: by the id its file gave it, otherwise by its content and which of its file's equal rows it is.

    Args:
        digest_key: the key ring's.
        collection: where the row is.
        given_id: by the file; None where it gives none.
        content_digest: what `digest_content` returns of it.
        occurrence: 1 for the first row of that content, 2 for the second.
    """
    place = length_prefixed(collection.encode())
    if given_id is not None:
        return _digest(digest_key, b"id of given id", place + given_id.encode())
    nth = b"" if occurrence == 1 else occurrence.to_bytes(8, "big")  # the first has the id it has always had
    return _digest(digest_key, b"id of content", place + content_digest + nth)


def _digest(digest_key: bytes, purpose: bytes, message: bytes) -> bytes:
    prepared = _prepare(digest_key, purpose).copy()
    prepared.update(message)
    return prepared.digest()[:DIGEST_BYTES]


@lru_cache(16)
def _prepare(digest_key: bytes, purpose: bytes) -> hmac.HMAC:
    """Return what every digest under a key begins with, to be copied: a third of the work on a short text."""
    return hmac.new(digest_key, length_prefixed(purpose), "sha256")
