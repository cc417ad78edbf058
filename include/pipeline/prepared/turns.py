"""Whose turn it is to prepare something: one worker's at a time, on however many machines."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores import turns_queries as queries
from pipeline.stores.database import Database

log = structlog.get_logger(__name__)


class Turns:
    """Locks by name in the models database, each held by a connection, so that a worker's death frees its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
                connection.autocommit = True  # the lock lives as long as the connection
                if connection.execute(queries.TRY_TURN, key).fetchone() != (True,):
                    log.info("waiting for another worker that prepares the same", what=what)
                    connection.execute(queries.AWAIT_TURN, key)
                yield
                done = True
        except DatabaseUnavailableError as error:
            if not done:
                raise
            log.warning("the lock on what was prepared was lost meanwhile", what=what, reason=str(error))
