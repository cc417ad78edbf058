"""Connections to a PostgreSQL database, with errors that say what to do if it is not available."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from pipeline.errors import DatabaseUnavailableError, PipelineError
from pipeline.stores.disk import find_trouble

ADDRESS = "postgresql://user:password@host:port/database"

Connection = psycopg.Connection[Any]
Cursor = psycopg.Cursor[Any]

# SQLSTATE classes that may be temporary: connection lost, out of resources, operator intervention, system error.
_UNAVAILABLE = ("08", "53", "57", "58")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_IDLE_SECONDS = 60
"""How long an idle connection is used again: on the way, firewalls forget connections that are idle for long."""


class Database:
    """A database, known by its name in messages and a function that opens a connection.

    Threads may share it, and a forked process may use it. Each block of `connection` has a connection of its own while
    it runs.

    Args:
        name: its name in messages.
        connect: opens a connection.
        state: the state folder whose server this is, if it runs on this machine, so that errors can report a full disk.
        keep: how many idle connections are kept for later blocks, by a process that asks again and again.
    """

    def __init__(self, name: str, connect: Callable[[], Connection], state: Path | None = None, keep: int = 0) -> None:
        self.name = name
        self._connect = connect
        self._state = state
        self._keep = keep
        self._open_blocks = 0
        self._lock = Lock()
        # with the time when each became idle, the latest last
        self._idle: list[tuple[Connection, float]] = []
        self._process = os.getpid()

    @classmethod
    def from_url(cls, name: str, url: str, home: str | None = None) -> Self:
        """Return the database at a `postgresql://user:password@host:port/database` address.

        Args:
            name: its name in messages.
            url: its address.
            home: the state folder of this machine's deployment; its server is meant if the address is local.
        """

        def connect() -> Connection:
            check_address(name, url)
            return psycopg.connect(url, connect_timeout=10, application_name="pipeline")

        return cls(name, connect, find_state(url, home))

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a connection; commit when the block ends, roll back when it raises, and close the connection.

        Within `kept_open`, or if the database keeps connections, a block that ends without an error leaves its
        connection to the next one.

        Raises:
            DatabaseUnavailableError: there is no connection, it was lost, its role may not do this, or the schema is
                missing or outdated.
            PipelineError: the address is malformed.
        """
        connection = self._take_idle() or self._open()
        is_left = False
        try:
            yield connection
            connection.commit()
            is_left = self._leave(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection.broken or (error.sqlstate or "")[:2] in _UNAVAILABLE:
                raise self._unavailable(error) from error
            raise
        except psycopg.errors.UndefinedTable as error:
            what = "its tables do not exist yet"
            raise DatabaseUnavailableError(self.name, what, next_step="run `pipeline up`, which makes them") from error
        except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedColumn) as error:
            what = "its tables are those of an earlier version"
            next_step = "run `pipeline up` or `pipeline migrate`, which bring them up to date"
            raise DatabaseUnavailableError(self.name, what, next_step=next_step) from error
        except psycopg.errors.InsufficientPrivilege as error:
            what = f"its role may not do this ({error.diag.message_primary})"
            next_step = (
                "use a role that may, such as `owner`; `pipeline up` and `pipeline migrate` give roles their rights"
            )
            raise DatabaseUnavailableError(self.name, what, next_step=next_step) from error
        finally:
            if not is_left:
                connection.close()  # what was not committed is rolled back

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Let blocks of `connection` reuse connections within this block: opening one takes longer than a short query.

        A block must undo its changes to the session itself, such as taking a lock.
        """
        with self._lock:
            self._open_blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._open_blocks -= 1
                is_last = not self._open_blocks
            if is_last:
                self._close_idle(self._keep)

    def close_idle(self) -> None:
        """Close the idle connections, before long work without the database."""
        self._close_idle(0)

    def _close_idle(self, most: int) -> None:
        while found := self._pop_idle(most):
            found[0].close()

    def _pop_idle(self, most: int = 0) -> tuple[Connection, float] | None:
        """Return an idle connection with its time, no longer kept, if there are more than `most`."""
        with self._lock:
            if self._process != os.getpid():  # the process from which this one was forked still uses them
                self._process, self._idle = os.getpid(), []
            return self._idle.pop() if len(self._idle) > most else None

    def _take_idle(self) -> Connection | None:
        """Return an idle connection that still works, or None; the server may have been restarted."""
        while found := self._pop_idle():
            connection, since = found
            try:
                if time.monotonic() - since < _IDLE_SECONDS:
                    connection.execute("")
                    connection.autocommit = False
                    return connection
            except (psycopg.OperationalError, psycopg.InterfaceError):
                pass
            connection.close()
        return None

    def _leave(self, connection: Connection) -> bool:
        """Keep a connection for the next block, and return True; or return False if there is no use for it."""
        connection.autocommit = True
        with self._lock:
            if not self._open_blocks and len(self._idle) >= self._keep:
                return False
            self._idle.append((connection, time.monotonic()))
        return True

    def _open(self) -> Connection:
        try:
            connection = self._connect()
            connection.row_factory = tuple_row  # overrides the extras of an Airflow connection
            connection.autocommit = True
            # in other time zones, a moment near the end of the calendar cannot be represented
            connection.execute("SET TIME ZONE 'UTC'")
            connection.autocommit = False
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise self._unavailable(error) from error
        except psycopg.ProgrammingError:
            raise PipelineError(self.name, "its address is malformed", ADDRESS) from None
        return connection

    def _unavailable(self, error: psycopg.Error) -> DatabaseUnavailableError:
        reason = " ".join(str(error).split())
        if self._state and (trouble := find_trouble(self._state)):
            return DatabaseUnavailableError(self.name, f"{trouble.what}, so: {reason}", next_step=trouble.next_step)
        if isinstance(error, psycopg.errors.DiskFull):
            what = f"the disk of its server is full ({reason})"
            return DatabaseUnavailableError(self.name, what, next_step="make room on the server, then try again")
        next_step = "start it with `pipeline up`, or correct its address"
        return DatabaseUnavailableError(self.name, f"no connection ({reason})", next_step=next_step)


def check_address(name: str, url: str) -> None:
    """Check that an address names a server and a database: without them, libpq would choose some.

    Raises:
        PipelineError: it does not, or is malformed; the message does not contain the address, which has a password.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise PipelineError(name, "its address is malformed", ADDRESS) from None
    if not (parts.get("service") or ((parts.get("host") or parts.get("hostaddr")) and parts.get("dbname"))):
        raise PipelineError(name, "its address does not name a host and a database", ADDRESS)


def find_state(url: str, home: str | None) -> Path | None:
    """Return the state folder of a database's server, or None if the server is on another machine."""
    try:
        is_local = urlsplit(url).hostname in _LOCAL
    except ValueError:  # malformed; connecting says so
        return None
    return Path(home) if home and is_local else None
