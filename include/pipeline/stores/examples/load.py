"""Load examples: encrypted in this process, staged by COPY, inserted in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.errors import KeyRingError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.cipher import Cipher, pack_place
from pipeline.examples.example import LONGEST_TEXT
from pipeline.examples.identity import digest_content, fingerprint, identify, to_microseconds
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow, RespelledRow
from pipeline.stores.author import Author
from pipeline.stores.database import Connection
from pipeline.stores.examples.change import write_change
from pipeline.stores.examples.copy import StagedRow, copy_in, pack_all
from pipeline.stores.examples.fetch import BATCH_ROWS
from pipeline.stores.examples.queries import queries
from pipeline.stores.examples.repeated import seal_repeated

ID_IN_TABLE = "is already there with another text, class or time"
ID_IN_FILE = "is that of an earlier row with another text, class or time"


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What happened to the rows of a file; `read` is the sum of the others."""

    read: int
    loaded: int
    already_there: int
    skipped_bad: int
    replaced: int = 0


@dataclass(slots=True)
class _Staged:
    """How many rows were staged, how many have an id from the file, and how many spell their class differently."""

    rows: int = 0
    given: int = 0
    respelled: int = 0


def load(
    connection: Connection,
    keyring: KeyRing,
    collection: str,
    rows: Iterable[IncomingRow],
    broken: BrokenRows,
    skip_bad: bool,
    replacing: Author | None = None,
) -> LoadCounts:
    """Insert new rows, and replace others if that is wanted, within the transaction; see `ExamplesStore.load`."""
    connection.execute(queries.lock_loads_shared)
    keyring.reload()  # after the lock: before it the current key may have been dropped
    connection.execute(queries.create_staged)
    connection.execute(queries.create_repeated)
    cipher = Cipher(keyring, collection)
    staged = _stage(connection, cipher, rows, broken, skip_bad)
    if broken.count and not skip_bad:
        raise broken.error()
    if staged.respelled:
        connection.execute(queries.delete_former, {"collection": collection})
    if staged.given < staged.rows:
        seal_repeated(connection, cipher)
    connection.execute(queries.hold_off_other_loads)
    _check_keyring(connection, keyring)
    replaced = 0
    if staged.given and replacing is not None:
        replaced = connection.execute(queries.replace, {"collection": collection}).rowcount
        write_change(connection, "replaced", collection, replaced, replacing)
    if staged.given:  # an id made from content cannot conflict
        for line, in_table in connection.execute(queries.delete_conflicts, {"collection": collection}):
            broken.add(line, broken.id_column, ID_IN_TABLE if in_table else ID_IN_FILE)
            staged.rows -= 1
    if broken.count and not skip_bad:
        raise broken.error()
    loaded = connection.execute(queries.insert_staged, {"collection": collection}).rowcount
    return LoadCounts(
        read=staged.rows + broken.count,
        loaded=loaded,
        replaced=replaced,
        already_there=staged.rows - loaded - replaced,
        skipped_bad=broken.count,
    )


def _check_keyring(connection: Connection, keyring: KeyRing) -> None:
    """Check that earlier rows were loaded with the same key ring; another would add unreadable duplicates.

    Raises:
        KeyRingError: they were loaded with another one.
    """
    given = fingerprint(keyring.digest_key)
    connection.execute(queries.remember_keyring, {"fingerprint": given})
    if connection.execute(queries.read_keyring).fetchone() != (given,):
        raise KeyRingError(
            keyring.origin,
            "not the key ring that the examples in the database were loaded with",
            "a key ring with the same digest key",
            "use that one; nothing was loaded",
        )


def _stage(
    connection: Connection, cipher: Cipher, rows: Iterable[IncomingRow], broken: BrokenRows, skip_bad: bool
) -> _Staged:
    staged = _Staged()
    with copy_in(connection, queries.copy_staged) as write:
        for batch in _make_batches(rows):
            if broken.count and not skip_bad:
                continue  # the load will fail; read on only to report the other broken rows
            write(_seal(cipher, batch))
            staged.rows += len(batch)
            staged.given += sum(row.id is not None for row in batch)
            staged.respelled += sum(isinstance(row, RespelledRow) for row in batch)
    return staged


def _make_batches(rows: Iterable[IncomingRow]) -> Iterator[list[IncomingRow]]:
    """Yield batches of rows, smaller ones of long texts."""
    batch: list[IncomingRow] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.text)
        if len(batch) == BATCH_ROWS or characters >= LONGEST_TEXT:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _seal(cipher: Cipher, batch: list[IncomingRow]) -> bytes:
    """Return rows encrypted and packed for the COPY."""
    digest_key, collection = cipher.keyring.digest_key, cipher.collection
    staged: list[StagedRow] = []
    contents: list[tuple[bytes, bytes, bytes]] = []
    for row in batch:
        line, given_id, occurred_at, name, content = row
        microseconds, classification, text = to_microseconds(occurred_at), name.encode(), content.encode()
        digest = digest_content(digest_key, microseconds, classification, text)
        row_id = identify(digest_key, collection, given_id, digest)
        former = None
        if isinstance(row, RespelledRow):
            former = digest_content(digest_key, microseconds, row.spelled.encode(), text)
            if given_id is None:
                former = identify(digest_key, collection, None, former)
        staged.append(StagedRow(line, row_id, digest, microseconds, given_id is not None, former))
        contents.append((pack_place(row_id, microseconds), classification, text))
    key_id, payloads = cipher.seal_rows(contents)
    return pack_all(staged, key_id, payloads)
