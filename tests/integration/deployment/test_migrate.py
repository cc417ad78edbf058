"""`pipeline migrate` on a server that has nothing yet."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from pipeline.deployment.migrate import METADATA_VARIABLE
from pipeline.stores.databases import drop_database

TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_name = %(name)s"
EXPECTED = {
    "airflow": "dag_run",
    "examples": "examples",
    "models": "definitions",
    "notifications": "notification_queues",
}


@pytest.fixture
def urls(postgres_server: str) -> dict[str, str]:
    """Addresses of databases that are not there yet."""
    suffix = uuid4().hex[:8]
    return {name: urlsplit(postgres_server)._replace(path=f"/{name}_{suffix}").geturl() for name in EXPECTED}


def run(urls: dict[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        METADATA_VARIABLE: urls["airflow"].replace("postgresql:", "postgresql+psycopg2:"),
        "AIRFLOW_CONN_EXAMPLES_DB": urls["examples"],
        "AIRFLOW_CONN_MODELS_DB": urls["models"],
        "AIRFLOW_CONN_NOTIFICATIONS": urls["notifications"],
    }
    environ = {name: value for name, value in environ.items() if value}
    command = [str(Path(sys.executable).with_name("pipeline")), "migrate"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_it_makes_every_database_and_a_second_time_changes_nothing(
    urls: dict[str, str], postgres_server: str, tmp_path: Path
) -> None:
    server = urlsplit(postgres_server)
    # what carries notifications is somebody else's to make: a broker, or a database that is there
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{urlsplit(urls["notifications"]).path[1:]}"'.encode())
    try:
        first = run(urls, tmp_path)
        second = run(urls, tmp_path)

        assert first.returncode == second.returncode == 0, first.stderr + second.stderr
        assert first.stderr.count("Created the database") == 3
        assert "Created" not in second.stderr
        for name, table in EXPECTED.items():
            with psycopg.connect(urls[name]) as connection:
                assert connection.execute(TABLES, {"name": table}).fetchone() == (1,), name
    finally:
        for url in urls.values():
            drop_database(server.geturl(), urlsplit(url).path[1:])


def test_a_server_that_does_not_answer_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    gone = "postgresql://pipeline:geheim@127.0.0.1:1/{name}"
    done = run({name: gone.format(name=name) for name in EXPECTED}, tmp_path)

    assert done.returncode == 1
    assert "database airflow: does not exist and cannot be created" in done.stderr
    assert "geheim" not in done.stdout + done.stderr


def test_without_a_metadata_database_it_says_what_to_set(urls: dict[str, str], tmp_path: Path) -> None:
    done = run(urls | {"airflow": ""}, tmp_path)

    assert done.returncode == 1
    assert f"{METADATA_VARIABLE} is not set" in done.stderr
