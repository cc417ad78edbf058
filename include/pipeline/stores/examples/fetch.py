"""Encrypted rows out of the examples database, many at a time."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from pipeline.stores.database import Connection

BATCH_ROWS: Final = 128
"""Few enough that the longest texts take no memory to speak of, and enough that a batch costs nothing."""


class SealedRows(NamedTuple):
    """Some rows by column; `places` are as `Cipher.open_rows` takes them."""

    places: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    key_ids: tuple[str, ...]
    payloads: tuple[bytes, ...]


def fetch_rows(connection: Connection, query: LiteralString, parameters: Mapping[str, Any]) -> Iterator[SealedRows]:
    """Yield what a query that gives the columns of `SealedRows` finds, while the server looks for more.

    Not by COPY, of which psycopg gives a row at a time: rows in chunks take half the time.
    """
    size = BATCH_ROWS if psycopg.capabilities.has_stream_chunked() else 1  # libpq does it from version 17 on
    with connection.cursor() as cursor:
        rows = cursor.stream(query, parameters, binary=True, size=size)
        while batch := [*islice(rows, BATCH_ROWS)]:
            yield SealedRows(*zip(*batch, strict=True))
