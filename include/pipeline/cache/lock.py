"""Locks by name in the models database, across all machines."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from pipeline.errors import DatabaseUnavailableError
from pipeline.log import get_logger
from pipeline.stores.database import Database
from pipeline.stores.locks import queries

log = get_logger(__name__)


@contextmanager
def lock(
    database: Database, name: str, what: str, waiting: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Hold the lock with a name while the block runs; wait until it is free.

    It belongs to a database connection, so that the death of its holder frees it.

    Args:
        database: has the lock.
        name: of the lock.
        what: the log says that this is waited for.
        waiting: a context manager around the wait.

    Raises:
        DatabaseUnavailableError: before the block. A connection that is lost later is logged; others may then begin.
    """
    key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)}
    done = False
    try:
        with database.connection() as connection:
            connection.autocommit = True  # no transaction stays open meanwhile
            if connection.execute(queries.try_lock, key).fetchone() != (True,):
                log.info("waiting for another worker that prepares the same", what=what)
                started = time.perf_counter()
                with waiting():
                    connection.execute(queries.wait_for_lock, key)
                log.info("waited", what=what, seconds=round(time.perf_counter() - started, 4))
            yield
            done = True
            connection.execute(queries.unlock, key)
    except DatabaseUnavailableError as error:
        if not done:
            raise
        log.warning("the lock on what was prepared was lost meanwhile", what=what, reason=str(error))
