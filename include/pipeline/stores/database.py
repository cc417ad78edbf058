"""A way to a PostgreSQL database that says plainly when there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from pipeline.errors import DatabaseUnavailableError

Connection = psycopg.Connection[Any]


class Database:
    """One of our databases, by its name in messages and a function that opens a connection to it."""

    def __init__(self, name: str, connect: Callable[[], Connection]) -> None:
        self.name = name
        self._connect = connect

    @classmethod
    def from_url(cls, name: str, url: str) -> Self:
        """Return the database at a `postgresql://user:password@host:port/database` address."""
        return cls(name, lambda: psycopg.connect(url, connect_timeout=10, application_name="pipeline"))

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a connection; commit when the block ends well, roll back when it raises, close it either way.

        Raises:
            DatabaseUnavailableError: no connection could be made, or it was lost.
        """
        try:
            with self._connect() as connection:
                connection.row_factory = tuple_row  # whatever an Airflow connection's extras ask for
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            reason = " ".join(str(error).split())
            raise DatabaseUnavailableError(
                self.name,
                f"no connection ({reason})",
                next_step="start it with `pipeline up`, or mend its address",
            ) from error


def server_of(url: str) -> str:
    """Return `host:port/database` of an address, leaving its password out."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
