"""What the tests of the examples database share."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from pipeline.examples.example import ExampleSet, Selection
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore

MakeFile = Callable[..., Path]
BEGIN, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


def fetch_all(store: ExamplesStore, collection: str = "default") -> ExampleSet:
    """Return the examples of a collection."""
    return store.fetch(Selection(collection, BEGIN, END))


def wait_until_blocked(database: Database, thread: Thread) -> None:
    """Return once somebody waits for a lock in the database, or `thread` has ended without waiting."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.connection() as connection:
        connection.autocommit = True
        while thread.is_alive() and connection.execute(waiting).fetchone() == (0,):
            time.sleep(0.01)
