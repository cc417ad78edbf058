"""The PostgreSQL server of the wheel."""

from pathlib import Path

import psycopg
import pytest

from pipeline.deployment.postgres import check_data_folder, create_data_folder, wait_until_ready
from pipeline.deployment.processes import remove_stale_lock
from pipeline.errors import DeploymentError
from pipeline.stores.database import Database


def test_fresh_databases_are_empty_and_apart(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        encoding = connection.execute("SHOW server_encoding").fetchone()

    assert tables == (0,)
    assert encoding == ("UTF8",)


def test_migrated_databases_hold_their_version(examples_db: Database, models_db: Database) -> None:
    for database, table in ((examples_db, "examples_schema_version"), (models_db, "models_schema_version")):
        with database.connection() as connection:
            found = connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()

        assert found == (table,)


def test_a_wrong_password_is_refused(postgres_url: str) -> None:
    user, rest = postgres_url.split("@")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{user}x@{rest}")


def test_a_password_file_is_never_left_behind(tmp_path: Path) -> None:
    create_data_folder(tmp_path / "data", "secret-word")

    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    check_data_folder(tmp_path / "data")


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")

    with pytest.raises(DeploymentError, match="data of PostgreSQL 9"):
        check_data_folder(tmp_path)


def test_a_lock_of_a_running_server_stays(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    remove_stale_lock(Path(row[0]))

    assert (Path(row[0]) / "postmaster.pid").exists()


def test_a_server_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("first\nFATAL:  could not create lock file\n")

    with pytest.raises(DeploymentError, match="could not create lock file"):
        wait_until_ready("postgresql://pipeline@127.0.0.1:1/postgres", lambda: False, log)
