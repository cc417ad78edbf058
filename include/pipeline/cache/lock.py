"""Locks by name in the models database, across all machines."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.clock import WAITING, Clock
from pipeline.errors import DatabaseUnavailableError
from pipeline.log import get_logger
from pipeline.stores.database import Database
from pipeline.stores.locks import queries

log = get_logger(__name__)


@contextmanager
def lock(database: Database, name: str, what: str, clock: Clock) -> Iterator[None]:
    """Hold a named lock while the block runs; wait until it is free.

    The lock belongs to a database connection, so it is freed if its holder dies.

    Args:
        database: the database of the lock.
        name: the name of the lock.
        what: what is waited for, in the log.
        clock: the wait is charged to its `WAITING`.

    Raises:
        DatabaseUnavailableError: before the block. A connection lost later is logged, and others may then begin.
    """
    key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)}
    done = False
    try:
        with database.connection() as connection:
            connection.autocommit = True  # no transaction stays open during the block
            if connection.execute(queries.try_lock, key).fetchone() != (True,):
                log.info("waiting for another worker that is preparing the same", what=what)
                started = time.perf_counter()
                with clock.charging(WAITING):
                    connection.execute(queries.wait_for_lock, key)
                log.info("waited", what=what, seconds=round(time.perf_counter() - started, 4))
            yield
            done = True
            connection.execute(queries.unlock, key)
    except DatabaseUnavailableError as error:
        if not done:
            raise
        log.warning("the lock on a prepared entry was lost", what=what, reason=str(error))
