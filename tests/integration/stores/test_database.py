"""Connections that follow each other in one process."""

import time

import psycopg
import pytest

from pipeline.errors import DatabaseUnavailableError
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
