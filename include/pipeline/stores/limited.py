"""A database whose statements may not take long, for people who wait for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Connection, Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


class LimitedDatabase(Database):
    """Another database, each of whose statements ends after some time; connections are the other's.

    Args:
        database: the database.
        seconds: how long one statement may take.
    """

    def __init__(self, database: Database, seconds: float) -> None:
        self.name = database.name
        self._database = database
        self._seconds = seconds

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a connection, as `Database.connection` does.

        Raises:
            DatabaseUnavailableError: also if a statement takes too long.
        """
        try:
            with self._database.connection() as connection:
                connection.execute(queries.limit_statements, {"milliseconds": round(1_000 * self._seconds)})
                yield connection
        except DatabaseUnavailableError as error:
            if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
                what = f"a question to it takes longer than {self._seconds:g} s"
                raise DatabaseUnavailableError(self.name, what, next_step="ask again when it has less to do") from error
            raise

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Let blocks of `connection` reuse connections within this block."""
        with self._database.kept_open():
            yield

    def close_idle(self) -> None:
        """Close the idle connections."""
        self._database.close_idle()
