"""Whose turn it is to prepare something: one worker's at a time, on however many machines."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Connection, Database
from pipeline.stores.turns import queries

log = structlog.get_logger(__name__)

Idle = Callable[[], AbstractContextManager[object]]


class Turns:
    """Locks by name in the models database, each held by a connection, so that a worker's death frees its own.

    Args:
        idle: a context manager around every wait: whoever waits needs no core.
    """

    def __init__(self, database: Database, idle: Idle = nullcontext) -> None:
        self._database = database
        self._idle = idle
        self.waited_seconds = 0.0
        """How long others were waited for so far."""

    @contextmanager
    def taken(self, name: str, what: str) -> Iterator[None]:
        """Let nobody else prepare the same while the block runs; wait until nobody does.

        Args:
            what: what is prepared, for the log.

        Raises:
            DatabaseUnavailableError: before the block; a connection that is lost later only lets others begin too.
        """
        key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)}
        done = False
        try:
            with self._database.connection() as connection:
                connection.autocommit = True  # no transaction stays open meanwhile
                if connection.execute(queries.try_turn, key).fetchone() != (True,):
                    self._wait(connection, key, what)
                yield
                done = True
                connection.execute(queries.end_turn, key)
        except DatabaseUnavailableError as error:
            if not done:
                raise
            log.warning("the lock on what was prepared was lost meanwhile", what=what, reason=str(error))

    def _wait(self, connection: Connection, key: Mapping[str, int], what: str) -> None:
        log.info("waiting for another worker that prepares the same", what=what)
        with self._idle():
            started = time.perf_counter()
            connection.execute(queries.await_turn, key)
            seconds = time.perf_counter() - started
        self.waited_seconds += seconds
        log.info("waited", what=what, seconds=round(seconds, 4))
