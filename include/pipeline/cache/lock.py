"""Locks by name in the models database: one worker at a time, on however many machines."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores import turns_queries as queries
from pipeline.stores.database import Database

log = structlog.get_logger(__name__)


@contextmanager
def lock(
    database: Database, name: str, what: str, waiting: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Hold the lock of a name while the block runs; wait until nobody else does.

    A connection holds it, so that it is free as soon as its holder dies.

    Args:
        database: where the lock is.
        name: tells this lock from others.
        what: what it is for, for the log.
        waiting: a block around the wait.

    Raises:
        DatabaseUnavailableError: before the block; a connection that is lost later only lets others begin too.
    """
    key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)}
    done = False
    try:
        with database.connection() as connection:
            connection.autocommit = True  # no transaction stays open meanwhile
            if connection.execute(queries.TRY_TURN, key).fetchone() != (True,):
                log.info("waiting for another worker that prepares the same", what=what)
                started = time.perf_counter()
                with waiting():
                    connection.execute(queries.AWAIT_TURN, key)
                log.info("waited", what=what, seconds=round(time.perf_counter() - started, 4))
            yield
            done = True
            connection.execute(queries.END_TURN, key)
    except DatabaseUnavailableError as error:
        if not done:
            raise
        log.warning("the lock on what was prepared was lost meanwhile", what=what, reason=str(error))
