"""Load examples: encrypted here, staged by COPY, inserted in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import KeyRingError
from pipeline.examples.cipher import Cipher, pack_place
from pipeline.examples.identity import digest_content, fingerprint, identify, to_microseconds
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import BrokenRows, IncomingRow
from pipeline.stores import examples_queries as queries
from pipeline.stores.database import Connection
from pipeline.stores.examples_copy import StagedRow, copy_in, pack_staged
from pipeline.stores.examples_fetch import BATCH_ROWS

ID_IN_TABLE = "is already there with another text, class or time"
ID_IN_FILE = "is that of an earlier row with another text, class or time"


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What became of a file's rows: `read` is the sum of the others."""

    read: int
    loaded: int
    already_there: int
    skipped_bad: int


def load(
    connection: Connection,
    keyring: KeyRing,
    collection: str,
    rows: Iterable[IncomingRow],
    broken: BrokenRows,
    skip_bad: bool,
) -> LoadCounts:
    """Insert the rows that are not there yet, within the connection's transaction; see `ExamplesStore.load`."""
    connection.execute(queries.LOCK_LOADS_SHARED)
    keyring.reload()  # only now: a key that was current before the lock may have been dropped
    connection.execute(queries.CREATE_STAGED)
    staged, has_given_ids = _stage(connection, Cipher(keyring, collection), iter(rows), broken, skip_bad)
    if broken.count and not skip_bad:
        raise broken.error()
    connection.execute(queries.HOLD_OFF_OTHER_LOADS)
    _check_keyring(connection, keyring)
    if has_given_ids:  # an id made from content stands for that content alone
        for line, in_table in connection.execute(queries.DELETE_CONFLICTS, {"collection": collection}):
            broken.add(line, broken.id_column, ID_IN_TABLE if in_table else ID_IN_FILE)
            staged -= 1
    if broken.count and not skip_bad:
        raise broken.error()
    loaded = connection.execute(queries.INSERT_STAGED, {"collection": collection}).rowcount
    return LoadCounts(
        read=staged + broken.count,
        loaded=loaded,
        already_there=staged - loaded,
        skipped_bad=broken.count,
    )


def _check_keyring(connection: Connection, keyring: KeyRing) -> None:
    """Refuse a key ring of another origin: its rows would be doubles that nobody else can open.

    Raises:
        KeyRingError: the examples that are there were loaded with another one.
    """
    given = fingerprint(keyring.digest_key)
    connection.execute(queries.REMEMBER_KEYRING, {"fingerprint": given})
    if connection.execute(queries.READ_KEYRING).fetchone() != (given,):
        raise KeyRingError(
            keyring.origin,
            "not the key ring that the examples in the database were loaded with",
            "a key ring with the same digest key",
            "use that one; nothing was loaded",
        )


def _stage(
    connection: Connection, cipher: Cipher, rows: Iterator[IncomingRow], broken: BrokenRows, skip_bad: bool
) -> tuple[int, bool]:
    staged, has_given_ids = 0, False
    with copy_in(connection, queries.COPY_STAGED) as write:
        while batch := [*islice(rows, BATCH_ROWS)]:
            if broken.count and not skip_bad:
                continue  # nothing will be inserted; read on only to name the other broken rows
            write(_seal(cipher, batch))
            staged += len(batch)
            has_given_ids = has_given_ids or any(row.id is not None for row in batch)
    return staged, has_given_ids


def _seal(cipher: Cipher, batch: list[IncomingRow]) -> bytes:
    """Return rows encrypted and packed for the COPY."""
    digest_key, collection = cipher.keyring.digest_key, cipher.collection
    places: list[StagedRow] = []
    contents: list[tuple[bytes, bytes, bytes]] = []
    for line, given_id, occurred_at, name, content in batch:
        microseconds, classification, text = to_microseconds(occurred_at), name.encode(), content.encode()
        digest = digest_content(digest_key, microseconds, classification, text)
        row_id = identify(digest_key, collection, given_id, digest)
        places.append(StagedRow(line, row_id, digest, microseconds))
        contents.append((pack_place(row_id, microseconds), classification, text))
    key_id, payloads = cipher.seal_rows(contents)
    name_of_key = key_id.encode()
    return b"".join(pack_staged(row, name_of_key, payload) for row, payload in zip(places, payloads, strict=True))
