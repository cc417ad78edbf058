"""Digests of the examples in a selection, equal for the same examples, which reveal nothing about their texts."""

import hashlib
from collections.abc import Iterable

from pipeline.examples.example import ExampleSet, ExampleSource, Selection


def digest_rows(digests: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of rows' keyed digests, independent of their order."""
    return hashlib.sha256(b"".join(sorted(digests))).digest()


def digest_selections(digests: Iterable[bytes]) -> str:
    """Return the digest, in hexadecimal, of several selections from their digests, which depends on their order."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


class DigestingSource:
    """A source that remembers the digest of each selection that was fetched from it."""

    def __init__(self, source: ExampleSource) -> None:
        self._source = source
        self._fetched: dict[Selection, bytes] = {}

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, oldest first."""
        examples = self._source.fetch(selection)
        self._fetched[selection] = digest_rows(examples.digests)
        return examples

    def digest(self, selections: Iterable[Selection]) -> str:
        """Return the digest of these selections, each of which must have been fetched."""
        return digest_selections(self._fetched[selection] for selection in selections)
