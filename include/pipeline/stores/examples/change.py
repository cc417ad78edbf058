"""Find, correct and delete examples. Each change is a row in the journal, in the same transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from pipeline.examples.cipher import Cipher, unpack_moments
from pipeline.examples.criteria import Criteria, FoundExample, list_row_ids, list_sealed_digests
from pipeline.examples.identity import DIGEST_BYTES, EPOCH, digest_content
from pipeline.examples.keyring import KeyRing
from pipeline.stores.author import Author
from pipeline.stores.database import Connection
from pipeline.stores.examples.fetch import BATCH_ROWS, SealedRows, fetch_rows
from pipeline.stores.examples.queries import queries

_DELETED_AT_ONCE: Final = 10_000


class Change(NamedTuple):
    """A row of the journal. It has no class and no text: it outlives what is deleted."""

    changed_at: datetime
    changed_by: str
    kind: Literal["corrected", "deleted", "replaced"]
    collection: str
    examples: int
    reason: str


class Chosen(NamedTuple):
    """An example to change: its id, and the digest that it had when it was chosen."""

    id: bytes
    digest: bytes


def find(connection: Connection, keyring: KeyRing, criteria: Criteria) -> Iterator[FoundExample]:
    """Yield the examples that meet the criteria, oldest first."""
    parameters: dict[str, object] = {"collection": criteria.collection}
    if criteria.ids is None:
        sealed = fetch_rows(connection, queries.fetch, parameters | {"start": criteria.start, "end": criteria.end})
    else:
        ids = list_row_ids(keyring.digest_key, criteria.collection, criteria.ids)
        digests = list_sealed_digests(keyring.digest_key, criteria.ids)
        query = queries.fetch_ids_or_digests if digests else queries.fetch_ids  # which needs no scan
        named = {"ids": ids, "digests": digests} if digests else {"ids": ids}
        sealed = fetch_rows(connection, query, parameters | named)
    yield from _list_found(Cipher(keyring, criteria.collection), sealed, criteria)


def find_digests(
    connection: Connection, keyring: KeyRing, collection: str, digests: Sequence[bytes]
) -> Iterator[FoundExample]:
    """Yield the examples of a collection whose content has one of some digests, oldest first."""
    parameters = {"collection": collection, "ids": [], "digests": [*digests]}
    sealed = fetch_rows(connection, queries.fetch_ids_or_digests, parameters)
    yield from _list_found(Cipher(keyring, collection), sealed, Criteria(collection))


def _list_found(cipher: Cipher, sealed: Iterable[SealedRows], criteria: Criteria) -> Iterator[FoundExample]:
    for place, digest, microseconds, name, text in _open(cipher, sealed):
        occurred_at = EPOCH + timedelta(microseconds=microseconds)
        if criteria.match(occurred_at, name, text):
            yield FoundExample(place[:DIGEST_BYTES], digest, occurred_at, name, text)


def _open(cipher: Cipher, sealed: Iterable[SealedRows]) -> Iterator[tuple[bytes, bytes, int, str, str]]:
    """Yield the place, digest, microseconds, class and text of each row."""
    for rows in sealed:
        classifications, texts = cipher.open_rows(zip(rows.places, rows.key_ids, rows.payloads, strict=True))
        yield from zip(rows.places, rows.digests, unpack_moments(rows.places), classifications, texts, strict=True)


def correct(
    connection: Connection,
    keyring: KeyRing,
    collection: str,
    chosen: Sequence[Chosen],
    classification: str,
    author: Author,
) -> int:
    """Give examples another class within the connection's transaction; return how many had another one.

    An example keeps its id, so its file, loaded again, does not bring back the former class.
    """
    connection.execute(queries.wait_for_rotation)
    keyring.reload()  # after the lock: before it the current key may have been dropped
    cipher, name = Cipher(keyring, collection), classification.encode()
    changed = 0
    for batch in _batches(chosen, BATCH_ROWS):
        former = {each.id: each.digest for each in batch}
        ids, before, digests, contents = [], [], [], []
        sealed = fetch_rows(connection, queries.fetch_ids, {"collection": collection, "ids": [*former]})
        for place, digest, microseconds, spelled, text in _open(cipher, sealed):
            row_id, content = place[:DIGEST_BYTES], text.encode()
            if spelled != classification and former[row_id] == digest:
                ids.append(row_id)
                before.append(digest)
                digests.append(digest_content(keyring.digest_key, microseconds, name, content))
                contents.append((place, name, content))
        current, payloads = cipher.seal_rows(contents)
        parameters = {"collection": collection, "ids": ids, "former": before, "current": current}
        changed += connection.execute(queries.correct, parameters | {"digests": digests, "payloads": payloads}).rowcount
    return write_change(connection, "corrected", collection, changed, author)


def delete(connection: Connection, collection: str, chosen: Sequence[Chosen], author: Author) -> int:
    """Delete examples within the connection's transaction; return how many there were."""
    deleted = 0
    for batch in _batches(chosen, _DELETED_AT_ONCE):
        rows = {"ids": [each.id for each in batch], "former": [each.digest for each in batch]}
        deleted += connection.execute(queries.delete, {"collection": collection} | rows).rowcount
    return write_change(connection, "deleted", collection, deleted, author)


def list_changes(connection: Connection, limit: int) -> list[Change]:
    """Return the latest changes, newest first."""
    return [Change(*row) for row in connection.execute(queries.list_changes, {"limit": limit})]


def _batches(chosen: Sequence[Chosen], size: int) -> Iterator[Sequence[Chosen]]:
    return (chosen[start : start + size] for start in range(0, len(chosen), size))


def write_change(connection: Connection, kind: str, collection: str, examples: int, author: Author) -> int:
    """Write a change into the journal unless it is of no example; return of how many it is."""
    if examples:
        row = {"kind": kind, "collection": collection, "examples": examples}
        connection.execute(queries.write_change, row | {"changed_by": author.name, "reason": author.reason})
    return examples
