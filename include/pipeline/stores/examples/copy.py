"""Pack rows of examples in PostgreSQL's binary COPY format.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Final, LiteralString, NamedTuple

from pipeline.stores.database import Connection

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
HEADER: Final = SIGNATURE + bytes(8)
TRAILER: Final = b"\xff\xff"
POSTGRES_EPOCH: Final = 946_684_800_000_000
"""Microseconds from 1970 to 2000, PostgreSQL's epoch."""

_STAGED = Struct(">h iq i16s i16s iq i? i")
_SIZE = Struct(">i")
_NULL = _SIZE.pack(-1)


class StagedRow(NamedTuple):
    """A row on its way to the table.

    Attributes:
        line: its line in the file.
        id: 16 bytes.
        digest: 16 bytes.
        microseconds: when it occurred, since 1970.
        given: whether the file contains its id.
        former: what an earlier version, which stored a class as spelled, knows it by: its id or, if the id is given,
            its digest. None if the spelling is the stored one.
    """

    line: int
    id: bytes
    digest: bytes
    microseconds: int
    given: bool
    former: bytes | None


@contextmanager
def copy_in(connection: Connection, query: LiteralString) -> Iterator[Callable[[bytes], None]]:
    """Run a `COPY … FROM STDIN` and yield a function that sends packed rows.

    An error of the block is raised after the COPY has ended: otherwise psycopg sends its text to the server, which logs
    it.
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


def pack_all(rows: Sequence[StagedRow], key_id: str, payloads: Sequence[bytes]) -> bytes:
    """Return rows for a COPY of `line, id, digest, occurred_at, given, key_id, payload, former`."""
    name = key_id.encode()
    return b"".join(_pack(row, name, payload) for row, payload in zip(rows, payloads, strict=True))


def _pack(row: StagedRow, key_id: bytes, payload: bytes) -> bytes:
    line, row_id, digest, microseconds, given, former = row
    moment = microseconds - POSTGRES_EPOCH
    head = _STAGED.pack(8, 8, line, 16, row_id, 16, digest, 8, moment, 1, given, len(key_id))
    end = _NULL if former is None else _SIZE.pack(len(former)) + former
    return head + key_id + _SIZE.pack(len(payload)) + payload + end
