"""Rows of examples in PostgreSQL's binary COPY format, packed and unpacked without an object a row.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from struct import Struct
from typing import Any, Final, LiteralString, NamedTuple

from pipeline.examples.cipher import Buffer
from pipeline.stores.database import Connection

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
HEADER: Final = SIGNATURE + bytes(8)
TRAILER: Final = b"\xff\xff"
POSTGRES_EPOCH: Final = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where PostgreSQL counts from."""

_STORED = Struct(">h i16s i16s iq i")
_STAGED = Struct(">h iq i16s i16s iq i")
_SIZE = Struct(">i")


class StoredRow(NamedTuple):
    """A row as it stands in the table; `microseconds` count from 1970."""

    id: bytes
    digest: bytes
    microseconds: int
    key_id: str
    payload: Buffer


@contextmanager
def copy_out(connection: Connection, query: LiteralString, parameters: Mapping[str, Any]) -> Iterator[Iterable[Buffer]]:
    """Run a `COPY … TO STDOUT` and give what it sends, one row a chunk."""
    with connection.cursor() as cursor, cursor.copy(query, parameters) as copy:
        yield copy


@contextmanager
def copy_in(connection: Connection, query: LiteralString) -> Iterator[Callable[[bytes], None]]:
    """Run a `COPY … FROM STDIN` and give a function that sends one packed row.

    What the block raises is raised after the COPY has ended: psycopg would otherwise send its words to the
    server, whose log they have no business in.
    """
    failure: Exception | None = None
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.write(HEADER)
        try:
            yield copy.write
        except Exception as error:  # noqa: BLE001 - raised below
            failure = error
        copy.write(TRAILER)
    if failure is not None:
        raise failure


def unpack_rows(chunks: Iterable[Buffer]) -> Iterator[StoredRow]:
    """Yield the rows of `COPY (SELECT id, digest, occurred_at, key_id, payload …) TO STDOUT (FORMAT BINARY)`.

    A chunk is one row: that is how libpq delivers them.
    """
    key_ids: dict[bytes, str] = {}
    unpack, header_bytes = _STORED.unpack_from, _STORED.size
    first = True
    for chunk in chunks:
        row = memoryview(chunk)
        if first:
            row, first = row[len(HEADER) :], False
        if len(row) <= len(TRAILER):
            continue
        _, _, row_id, _, digest, _, microseconds, key_id_bytes = unpack(row)
        key_id = bytes(row[header_bytes : header_bytes + key_id_bytes])
        yield StoredRow(
            row_id,
            digest,
            microseconds + POSTGRES_EPOCH,
            key_ids.get(key_id) or key_ids.setdefault(key_id, key_id.decode()),
            row[header_bytes + key_id_bytes + _SIZE.size :],
        )


def pack_staged(line: int, row: StoredRow) -> bytes:
    """Return a row for `COPY … (line, id, digest, occurred_at, key_id, payload) FROM STDIN (FORMAT BINARY)`."""
    key_id = row.key_id.encode()
    head = _STAGED.pack(6, 8, line, 16, row.id, 16, row.digest, 8, row.microseconds - POSTGRES_EPOCH, len(key_id))
    return b"".join((head, key_id, _SIZE.pack(len(row.payload)), row.payload))
