"""Re-encrypt rows with the current key, in batches."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from pipeline.examples.cipher import Cipher
from pipeline.examples.identity import to_microseconds
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Connection
from pipeline.stores.examples.queries import queries

BATCH_ROWS: Final = 1000


def reencrypt(connection: Connection, keyring: KeyRing, on_progress: Callable[[int], None] | None) -> int:
    """Re-encrypt until every row uses the current key; return how many did not. See `ExamplesStore.reencrypt`."""
    current = {"current": keyring.current.id}
    done = 0
    # A load that began with the old key may add rows in the meantime, so search again until there are none.
    while stale := connection.execute(queries.find_stale_collections, current).fetchall():
        for collection, _ in stale:
            cipher = Cipher(keyring, collection)
            after = b""
            while rows := _fetch_stale(connection, collection, keyring.current.id, after):
                payloads = []
                for row_id, occurred_at, key_id, payload in rows:
                    microseconds = to_microseconds(occurred_at)
                    classification, text = cipher.open(key_id, row_id, microseconds, payload)
                    sealed = cipher.seal(row_id, microseconds, classification.encode(), text.encode())
                    payloads.append(sealed[1])
                ids = [row[0] for row in rows]
                parameters = current | {"collection": collection, "ids": ids, "payloads": payloads}
                done += connection.execute(queries.update_payloads, parameters).rowcount
                connection.commit()
                after = ids[-1]
                if on_progress:
                    on_progress(done)
    connection.commit()
    return done


def _fetch_stale(
    connection: Connection, collection: str, current: str, after: bytes
) -> list[tuple[bytes, datetime, str, bytes]]:
    parameters = {"collection": collection, "current": current, "after": after, "limit": BATCH_ROWS}
    return connection.execute(queries.fetch_stale, parameters, binary=True).fetchall()  # bytes, not hexadecimal
