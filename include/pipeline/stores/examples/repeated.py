"""Rows of a file that are equal and have no ids: the second becomes the second in the collection, and so on.

The database numbers them, so that this process need not hold all digests. A payload is bound to its row's id, so these
rows are encrypted once more under their new ids.
"""

from collections.abc import Sequence
from typing import Final

from pipeline.examples.cipher import Cipher, pack_place, unpack_moments
from pipeline.examples.identity import identify
from pipeline.stores.database import Connection
from pipeline.stores.examples.copy import StagedRow, copy_in, pack_all
from pipeline.stores.examples.fetch import BATCH_ROWS
from pipeline.stores.examples.queries import queries

_Row = tuple[bytes, int, bytes, str, bytes, int]
"""A place, a line, a digest, a key's id, a payload, and which of the equal rows it is."""

_BATCH_BYTES: Final = 2**26


def seal_repeated(connection: Connection, cipher: Cipher) -> None:
    """Copy every staged row that is not the first of its content into the table of repeated rows, under a new id."""
    longest = connection.execute(queries.find_repeated).fetchone()
    if longest is None or longest[0] is None:
        return
    size = max(1, min(BATCH_ROWS, _BATCH_BYTES // longest[0]))
    with connection.cursor("repeated") as cursor:
        cursor.execute(queries.fetch_repeated, binary=True)
        while rows := cursor.fetchmany(size):
            with copy_in(connection, queries.copy_repeated) as write:
                write(_seal_again(cipher, rows))


def _seal_again(cipher: Cipher, rows: Sequence[_Row]) -> bytes:
    classifications, texts = cipher.open_rows((place, key_id, payload) for place, _, _, key_id, payload, _ in rows)
    staged: list[StagedRow] = []
    contents: list[tuple[bytes, bytes, bytes]] = []
    moments = unpack_moments([row[0] for row in rows])
    for row, microseconds, name, text in zip(rows, moments, classifications, texts, strict=True):
        _, line, digest, _, _, occurrence = row
        row_id = identify(cipher.keyring.digest_key, cipher.collection, None, digest, occurrence)
        staged.append(StagedRow(line, row_id, digest, microseconds, given=False, former=None))
        contents.append((pack_place(row_id, microseconds), name.encode(), text.encode()))
    key_id, payloads = cipher.seal_rows(contents)
    return pack_all(staged, key_id, payloads)
