"""The examples database: stores encrypted rows and returns examples."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.cipher import Cipher, unpack_moments
from pipeline.examples.criteria import Criteria, FoundExample
from pipeline.examples.example import ExampleSet, Selection
from pipeline.examples.keyring import KeyRing
from pipeline.examples.moments import Moments
from pipeline.examples.rows import IncomingRow
from pipeline.examples.ties import order_ties
from pipeline.stores.author import Author
from pipeline.stores.database import Connection, Database
from pipeline.stores.examples import change
from pipeline.stores.examples.change import Change, Chosen
from pipeline.stores.examples.fetch import fetch_rows
from pipeline.stores.examples.load import LoadCounts, load
from pipeline.stores.examples.queries import queries
from pipeline.stores.examples.reencrypt import reencrypt
from pipeline.stores.rewrite import rewrite


@dataclass(frozen=True, slots=True)
class CollectionStats:
    """The contents of a collection: examples, first and last moment (UTC), and counts by class and by key id."""

    collection: str
    examples: int
    first: datetime
    last: datetime
    classifications: dict[str, int]
    key_ids: dict[str, int]


class ExamplesStore:
    """The examples of a database, encrypted with a key ring.

    Each method opens a connection of its own, so threads may share a store. Database errors come out as
    `DatabaseUnavailableError`, which a retry may fix.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self.database = database
        self.keyring = keyring

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, oldest first, as of one moment; empty if there are none.

        Raises:
            KeyRingError: the key of a row is missing or does not open it.
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
        self,
        collection: str,
        rows: Iterable[IncomingRow],
        broken: BrokenRows,
        skip_bad: bool = False,
        replacing: Author | None = None,
    ) -> LoadCounts:
        """Encrypt `rows` and insert those that are new, in one transaction.

        Args:
            collection: the collection to load into.
            rows: read once; their reader may add to `broken` while they are read.
            broken: the broken rows; rows whose id already belongs to other content are added.
            skip_bad: load the other rows if some are broken.
            replacing: who replaces the content of rows whose id belongs to other content, and why; None: such rows are
                broken.

        Returns:
            The counts of rows that were inserted, replaced, already there and broken.

        Raises:
            BrokenRowsError: rows are broken and `skip_bad` is false; nothing was inserted.
            KeyRingError: the examples in the database were loaded with another key ring; nothing was inserted.
        """
        with self.database.connection() as connection:
            return load(connection, self.keyring, collection, rows, broken, skip_bad, replacing)

    def find(self, criteria: Criteria) -> Iterator[FoundExample]:
        """Yield the examples that meet the criteria as of one moment, oldest first.

        Raises:
            KeyRingError: the key of a row is missing or does not open it.
        """
        with self._snapshot() as connection:
            yield from change.find(connection, self.keyring, criteria)

    def find_digests(self, collection: str, digests: Sequence[bytes]) -> Iterator[FoundExample]:
        """Yield the examples of a collection whose content has one of some keyed digests, oldest first.

        Raises:
            KeyRingError: the key of a row is missing or does not open it.
        """
        with self._snapshot() as connection:
            yield from change.find_digests(connection, self.keyring, collection, digests)

    def correct(self, collection: str, chosen: Sequence[Chosen], classification: str, author: Author) -> int:
        """Give examples another class, and write that into the journal; return how many had another one.

        What has changed since it was chosen stays as it is.

        Args:
            collection: the collection of all of them.
            chosen: the examples.
            classification: the name of a class, as `name_class` returns it.
            author: who corrects them, and why.
        """
        with self.database.connection() as connection:
            return change.correct(connection, self.keyring, collection, chosen, classification, author)

    def delete(self, collection: str, chosen: Sequence[Chosen], author: Author) -> int:
        """Delete examples, write that into the journal, and write the table anew, so that no dead row is left in it.

        What has changed since it was chosen stays. Readers and loads wait while the table is written.

        Returns:
            How many were deleted.
        """
        with self.database.connection() as connection:
            deleted = change.delete(connection, collection, chosen, author)
        rewrite(self.database, ["examples"])
        return deleted

    def list_changes(self, limit: int) -> list[Change]:
        """Return the journal's latest changes, newest first."""
        with self.database.connection() as connection:
            return change.list_changes(connection, limit)

    def stats(self) -> list[CollectionStats]:
        """Return the contents of each collection, sorted by name; decrypts every row to count the classes."""
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
        """Return the number of rows that do not use the current key."""
        with self.database.connection() as connection:
            parameters = {"current": self.keyring.current.id}
            return sum(count for _, count in connection.execute(queries.find_stale_collections, parameters))

    def key_ids(self) -> set[str]:
        """Return the ids of the keys in use."""
        with self.database.connection() as connection:
            return {key_id for _, key_id, _ in connection.execute(queries.count_by_key)}

    def reencrypt(self, on_progress: Callable[[int], None] | None = None) -> int:
        """Re-encrypt every row with the current key; return how many used another.

        Each batch is committed separately, so it can be stopped and called again. Reads and loads can continue.
        """
        with self.database.connection() as connection:
            return reencrypt(connection, self.keyring, on_progress)

    @contextmanager
    def only_rotation(self) -> Iterator[None]:
        """Keep others from rotating keys while the block runs.

        Raises:
            ExamplesError: another rotation is running.
        """
        with self.database.connection() as connection:
            connection.autocommit = True
            taken = connection.execute(queries.try_lock_rotation).fetchone()
            if taken != (True,):
                raise ExamplesError(
                    self.database.name,
                    "keys are being rotated already, or examples corrected",
                    next_step="wait until that has ended",
                )
            yield

    @contextmanager
    def no_loads(self) -> Iterator[None]:
        """Wait for running loads to end, and let none begin while the block runs."""
        with self._holding(queries.lock_loads_alone):
            yield

    @contextmanager
    def no_snapshots(self) -> Iterator[None]:
        """Let no reader begin while the block runs; earlier readers know the keys they need."""
        with self._holding(queries.lock_keys_alone):
            yield

    @contextmanager
    def _holding(self, lock: LiteralString) -> Iterator[None]:
        with self.database.connection() as connection:
            connection.autocommit = True  # the lock lasts as long as the connection
            connection.execute(lock)
            yield

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """Open a connection to a snapshot of the rows, and read the keys before any of them can be dropped."""
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
