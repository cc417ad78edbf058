"""Fetch encrypted rows from the examples database in batches."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from pipeline.stores.database import Connection

BATCH_ROWS: Final = 128
"""Small enough that a batch of the longest texts fits into memory, and large enough to be fast."""


class SealedRows(NamedTuple):
    """A batch of rows by column; `places` are as `Cipher.open_rows` takes them."""

    places: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    key_ids: tuple[str, ...]
    payloads: tuple[bytes, ...]


def fetch_rows(connection: Connection, query: LiteralString, parameters: Mapping[str, Any]) -> Iterator[SealedRows]:
    """Yield the rows of a query for the columns of `SealedRows`, while the server produces more.

    COPY would take twice as long, because psycopg yields its rows one by one.
    """
    size = BATCH_ROWS if psycopg.capabilities.has_stream_chunked() else 1  # from libpq 17 on
    with connection.cursor() as cursor:
        rows = cursor.stream(query, parameters, binary=True, size=size)
        while batch := [*islice(rows, BATCH_ROWS)]:
            yield SealedRows(*zip(*batch, strict=True))
