"""Connections that follow each other in one process."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from passing import wait_until
from pipeline.errors import DatabaseUnavailableError
from pipeline.stores import database as database_module
from pipeline.stores.database import Database


def backend(database: Database) -> int:
    """Return the process that serves the next block."""
    with database.connection() as connection:
        return connection.info.backend_pid


def count_backends(database: Database) -> int:
    """Return how many connections the database has but the one that asks."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.connection() as connection:
        return int(connection.execute(query).fetchone()[0])  # type: ignore[index]


def make_table(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("CREATE TABLE words (word text)")


def insert_and_fail(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("INSERT INTO words VALUES ('lost')")
        raise RuntimeError


def count_words(database: Database) -> int:
    with database.connection() as connection:
        return int(connection.execute("SELECT count(*) FROM words").fetchone()[0])  # type: ignore[index]


def test_every_block_has_a_connection_of_its_own(models_db: Database) -> None:
    assert backend(models_db) != backend(models_db)


def test_blocks_use_one_connection_while_it_is_kept_open(models_db: Database) -> None:
    with models_db.kept_open():
        assert backend(models_db) == backend(models_db)

    assert count_backends(models_db) == 0


def test_what_is_idle_can_be_closed_and_is_opened_again(models_db: Database, models_url: str) -> None:
    with models_db.kept_open():
        first = backend(models_db)
        models_db.close_idle()
        other, deadline = Database.from_url("models_db", models_url), time.monotonic() + 30
        while count_backends(other):  # the server ends it a moment after we have closed it
            assert time.monotonic() < deadline
        assert backend(models_db) != first


def test_a_block_within_a_block_has_another_connection(models_db: Database) -> None:
    with models_db.kept_open(), models_db.connection() as connection:
        assert backend(models_db) != connection.info.backend_pid
        assert not connection.autocommit


def test_what_ends_well_is_there_for_others_and_what_fails_is_not(models_db: Database, models_url: str) -> None:
    other = Database.from_url("models_db", models_url)
    with models_db.kept_open():
        make_table(models_db)
        with models_db.connection() as connection:
            connection.execute("INSERT INTO words VALUES ('kept')")
        assert count_words(other) == 1
        before = backend(models_db)
        with pytest.raises(RuntimeError):
            insert_and_fail(models_db)
        assert count_words(models_db) == 1
        assert backend(models_db) != before


def test_a_connection_that_was_lost_while_it_was_idle_is_opened_anew(models_db: Database, models_url: str) -> None:
    with models_db.kept_open():
        lost = backend(models_db)
        with Database.from_url("models_db", models_url).connection() as connection:
            connection.execute("SELECT pg_terminate_backend(%(pid)s, 10000)", {"pid": lost})
        assert backend(models_db) != lost


def test_a_block_leaves_nothing_of_its_session_but_what_it_says(models_db: Database) -> None:
    with models_db.kept_open():
        with models_db.connection() as connection:
            connection.autocommit = True
        with models_db.connection() as connection:
            assert not connection.autocommit
            assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_server_that_is_away_is_named_though_a_connection_was_kept(models_db: Database) -> None:
    with models_db.kept_open():
        with (
            pytest.raises(DatabaseUnavailableError, match="models_db: no connection"),
            models_db.connection() as connection,
        ):
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        assert backend(models_db)


@pytest.fixture
def keeping(models_url: str) -> Iterator[Database]:
    """A database that keeps two idle connections."""
    database = Database("models_db", lambda: psycopg.connect(models_url), keep=2)
    yield database
    database.close_idle()


def test_a_database_that_keeps_connections_uses_them_again(keeping: Database) -> None:
    first = backend(keeping)

    assert backend(keeping) == first
    with keeping.kept_open():
        assert backend(keeping) == first
    assert backend(keeping) == first  # a block that keeps all open leaves those that are kept anyway


def test_no_more_are_kept_than_it_says(keeping: Database, models_url: str) -> None:
    other, together = Database.from_url("models_db", models_url), threading.Barrier(5)

    def use() -> int:
        with keeping.connection() as connection:
            together.wait(60)
            return connection.info.backend_pid

    with ThreadPoolExecutor(5) as threads:
        pids = {future.result() for future in [threads.submit(use) for _ in range(5)]}

    assert len(pids) == 5
    wait_until(lambda: count_backends(other) == 2)
    assert backend(keeping) in pids


def test_threads_never_share_a_connection(keeping: Database) -> None:
    def use(_: int) -> bool:
        with keeping.connection() as connection:
            own = connection.execute("SELECT pg_backend_pid()").fetchone()
            with keeping.kept_open(), keeping.connection() as other:
                assert other is not connection
            return connection.execute("SELECT pg_backend_pid()").fetchone() == own

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(200)))


def test_a_connection_that_was_idle_for_long_is_not_trusted(keeping: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = backend(keeping)
    monkeypatch.setattr(database_module, "_IDLE_SECONDS", 0)

    assert backend(keeping) != first


def test_a_server_that_was_restarted_is_asked_anew(keeping: Database, models_url: str) -> None:
    lost = backend(keeping)
    with Database.from_url("models_db", models_url).connection() as connection:
        connection.execute("SELECT pg_terminate_backend(%(pid)s, 10000)", {"pid": lost})

    assert backend(keeping) != lost


def test_a_block_that_fails_leaves_no_connection(keeping: Database) -> None:
    make_table(keeping)
    before = backend(keeping)
    with pytest.raises(RuntimeError):
        insert_and_fail(keeping)

    assert count_words(keeping) == 0
    assert backend(keeping) != before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking with threads
def test_a_forked_process_has_connections_of_its_own(keeping: Database) -> None:
    mine = backend(keeping)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, str(backend(keeping)).encode())
        finally:
            os._exit(0)  # no test goes on in the child
    os.close(writing)
    with os.fdopen(reading) as pipe:
        theirs = pipe.read()
    os.waitpid(child, 0)

    assert theirs.isdigit()
    assert int(theirs) != mine
    assert backend(keeping) == mine  # which the child has not closed
