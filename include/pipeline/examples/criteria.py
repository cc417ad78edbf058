"""Which examples somebody looks for, to see, correct or delete them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from pipeline.examples.answers import list_digests
from pipeline.examples.classes import name_class
from pipeline.examples.identity import DIGEST_BYTES, identify

BEGIN: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What holds for all examples that are looked for.

    Attributes:
        collection: their collection.
        ids: each is the id that the example had in its file, the one that `FoundExample` has, or the one under which
            sealed answers have it, as comparisons show it; None: any.
        classification: their class; None: any.
        start: when the first may have occurred (UTC).
        end: before when all of them occurred (UTC).
        text: what their texts contain, in any case of letters; None: anything.
    """

    collection: str
    ids: frozenset[str] | None = None
    classification: str | None = None
    start: datetime = BEGIN
    end: datetime = END
    text: str | None = field(default=None, repr=False)

    def match(self, occurred_at: datetime, classification: str, text: str) -> bool:
        """Return whether an example meets all criteria except the ids."""
        return (
            self.start <= occurred_at < self.end
            and (self.classification is None or name_class(classification)[0] == name_class(self.classification)[0])
            and (self.text is None or self.text.casefold() in text.casefold())
        )


@dataclass(frozen=True, slots=True)
class FoundExample:
    """An example that was looked for.

    Attributes:
        id: 16 bytes, which never change.
        digest: the keyed digest of its content, 16 bytes; another one once it is corrected.
        occurred_at: UTC.
    """

    id: bytes
    digest: bytes
    occurred_at: datetime
    classification: str = field(repr=False)
    text: str = field(repr=False)


def list_row_ids(digest_key: bytes, collection: str, ids: Iterable[str]) -> list[bytes]:
    """Return the ids that rows may have for the ids that people write: up to two for each."""
    found = []
    for each in ids:
        found.append(identify(digest_key, collection, each, b""))
        if len(each) == 2 * DIGEST_BYTES:
            with suppress(ValueError):
                found.append(bytes.fromhex(each))
    return found


def list_sealed_digests(digest_key: bytes, ids: Iterable[str]) -> list[bytes]:
    """Return the digests that examples may have for the ids that people write: those that may be of sealed answers."""
    found = []
    for each in ids:
        if len(each) == 2 * DIGEST_BYTES:
            with suppress(ValueError):
                found += list_digests(digest_key, bytes.fromhex(each))
    return found
