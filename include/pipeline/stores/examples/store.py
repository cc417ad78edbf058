"""The examples database: encrypted rows in, examples out."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.cipher import Cipher, unpack_moments
from pipeline.examples.example import ExampleSet, Selection
from pipeline.examples.keyring import KeyRing
from pipeline.examples.moments import Moments
from pipeline.examples.rows import IncomingRow
from pipeline.examples.ties import order_ties
from pipeline.stores.database import Connection, Database
from pipeline.stores.examples.fetch import fetch_rows
from pipeline.stores.examples.load import LoadCounts, load
from pipeline.stores.examples.queries import queries
from pipeline.stores.examples.reencrypt import reencrypt


@dataclass(frozen=True, slots=True)
class CollectionStats:
    """What one collection holds: how many examples, from when to when (UTC), of which classes, under which keys."""

    collection: str
    examples: int
    first: datetime
    last: datetime
    classifications: dict[str, int]
    key_ids: dict[str, int]


class ExamplesStore:
    """The examples in a database, encrypted and opened with a keyring."""

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self.database = database
        self.keyring = keyring

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, oldest first.

        Raises:
            KeyRingError: a row whose key is not there or does not fit.
        """
        cipher = Cipher(self.keyring, selection.collection)
        moments = array("q")
        texts: list[str] = []
        classifications: list[str] = []
        digests: list[bytes] = []
        parameters = {"collection": selection.collection, "start": selection.start, "end": selection.end}
        with self._snapshot() as connection:
            for rows in fetch_rows(connection, queries.fetch, parameters):
                opened = cipher.open_rows(zip(rows.places, rows.key_ids, rows.payloads, strict=True))
                moments.extend(unpack_moments(rows.places))
                classifications.extend(opened[0])
                texts.extend(opened[1])
                digests.extend(rows.digests)
        order_ties(moments, texts, classifications, digests)
        return ExampleSet(texts, classifications, Moments(moments), digests)

    def load(
        self, collection: str, rows: Iterable[IncomingRow], broken: BrokenRows, skip_bad: bool = False
    ) -> LoadCounts:
        """Encrypt and insert `rows`, all of them or, when one is broken and `skip_bad` is not set, none.

        Args:
            collection: where the rows go.
            rows: read once; while they are read, their reader may add to `broken`.
            broken: also gets the rows whose id stands for other content already.
            skip_bad: load the rows that will do.

        Raises:
            BrokenRowsError: rows are broken; nothing was inserted.
        """
        with self.database.connection() as connection:
            return load(connection, self.keyring, collection, rows, broken, skip_bad)

    def stats(self) -> list[CollectionStats]:
        """Return what each collection holds, by name; opens every row to count the classes."""
        with self._snapshot() as connection:
            summaries = connection.execute(queries.summarise_collections).fetchall()
            by_key = connection.execute(queries.count_by_key).fetchall()
            return [
                CollectionStats(
                    collection,
                    examples,
                    first.astimezone(UTC),
                    last.astimezone(UTC),
                    classifications=self._count_classifications(connection, collection),
                    key_ids={key_id: count for place, key_id, count in by_key if place == collection},
                )
                for collection, examples, first, last in summaries
            ]

    def count_stale(self) -> int:
        """Return how many rows are encrypted with another key than the current one."""
        with self.database.connection() as connection:
            parameters = {"current": self.keyring.current.id}
            return sum(count for _, count in connection.execute(queries.find_stale_collections, parameters))

    def key_ids(self) -> set[str]:
        """Return the ids of the keys that rows are encrypted with."""
        with self.database.connection() as connection:
            return {key_id for _, key_id, _ in connection.execute(queries.count_by_key)}

    def reencrypt(self, on_progress: Callable[[int], None] | None = None) -> int:
        """Put every row under the current key and return how many were not; each batch is committed by itself.

        Can be stopped at any point and called again; readers and loads go on meanwhile.
        """
        with self.database.connection() as connection:
            return reencrypt(connection, self.keyring, on_progress)

    @contextmanager
    def only_rotation(self) -> Iterator[None]:
        """Let nobody else rotate keys while the block runs.

        Raises:
            ExamplesError: somebody else does.
        """
        with self.database.connection() as connection:
            connection.autocommit = True
            taken = connection.execute(queries.try_lock_rotation).fetchone()
            if taken != (True,):
                raise ExamplesError(
                    self.database.name, "keys are being rotated already", next_step="wait until that has ended"
                )
            yield

    @contextmanager
    def no_loads(self) -> Iterator[None]:
        """Wait for the loads that run, and let none begin while the block runs."""
        with self._holding(queries.lock_loads_alone):
            yield

    @contextmanager
    def no_snapshots(self) -> Iterator[None]:
        """Let no reader begin while the block runs; those that have begun know the keys they need."""
        with self._holding(queries.lock_keys_alone):
            yield

    @contextmanager
    def _holding(self, lock: LiteralString) -> Iterator[None]:
        with self.database.connection() as connection:
            connection.autocommit = True  # the lock lives as long as the connection
            connection.execute(lock)
            yield

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """Open a connection that sees the rows of one moment, all of whose keys are known.

        A key that rows of that moment need could otherwise be dropped before this process has read it.
        """
        with self.database.connection() as connection:
            connection.autocommit = True
            connection.execute(queries.lock_keys_shared)
            connection.autocommit = False
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute(queries.take_snapshot)
            self.keyring.reload()
            connection.execute(queries.unlock_keys_shared)
            yield connection

    def _count_classifications(self, connection: Connection, collection: str) -> dict[str, int]:
        cipher = Cipher(self.keyring, collection)
        counts: Counter[str] = Counter()
        for rows in fetch_rows(connection, queries.fetch_collection, {"collection": collection}):
            counts.update(cipher.open_rows(zip(rows.places, rows.key_ids, rows.payloads, strict=True))[0])
        return dict(sorted(counts.items()))
