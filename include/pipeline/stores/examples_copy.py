"""Rows of examples in PostgreSQL's binary COPY format.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Final, LiteralString, NamedTuple

from pipeline.stores.database import Connection

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
HEADER: Final = SIGNATURE + bytes(8)
TRAILER: Final = b"\xff\xff"
POSTGRES_EPOCH: Final = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where PostgreSQL counts from."""

_STAGED = Struct(">h iq i16s i16s iq i")
_SIZE = Struct(">i")


class StagedRow(NamedTuple):
    """A row on its way to the table, from a line of a file; `microseconds` count from 1970."""

    line: int
    id: bytes
    digest: bytes
    microseconds: int


@contextmanager
def copy_in(connection: Connection, query: LiteralString) -> Iterator[Callable[[bytes], None]]:
    """Run a `COPY … FROM STDIN` and give a function that sends packed rows.

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


def pack_staged(row: StagedRow, key_id: bytes, payload: bytes) -> bytes:
    """Return a row for `COPY … (line, id, digest, occurred_at, key_id, payload) FROM STDIN (FORMAT BINARY)`."""
    line, row_id, digest, microseconds = row
    head = _STAGED.pack(6, 8, line, 16, row_id, 16, digest, 8, microseconds - POSTGRES_EPOCH, len(key_id))
    return head + key_id + _SIZE.pack(len(payload)) + payload
