"""The digest of what is sent over HTTP, as RFC 9530 writes it."""

import base64
import hashlib
from collections.abc import Iterable

HEADER = "Content-Digest"


def digest_content(parts: Iterable[bytes]) -> str:
    """Return the header's value for a body that is sent in parts.

    >>> digest_content([b"hello ", b"world"])
    'sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:'
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
