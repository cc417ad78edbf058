"""`pipeline migrate` on a server that has nothing yet."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from integration.server import running_server
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


def run(urls: dict[str, str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        METADATA_VARIABLE: urls["airflow"].replace("postgresql:", "postgresql+psycopg2:"),
        "AIRFLOW_CONN_EXAMPLES_DB": urls["examples"],
        "AIRFLOW_CONN_MODELS_DB": urls["models"],
        "AIRFLOW_CONN_NOTIFICATIONS": urls["notifications"],
        **more,
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


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the superuser of a server without any role or database."""
    with running_server(tmp_path_factory.mktemp("own")) as url:
        yield url


def test_with_a_superuser_it_makes_every_role_and_each_does_its_part(own_server: str, tmp_path: Path) -> None:
    place = urlsplit(own_server)

    def url(role: str, database: str) -> str:
        netloc = f"{role}:pw-{role}@{place.hostname}:{place.port}"
        return place._replace(netloc=netloc, path=f"/{database}").geturl()

    urls = {"airflow": url("airflow", "airflow")} | {name: url("owner", name) for name in ("examples", "models")}
    # what carries notifications is somebody else's to make, and here it is the models database
    urls["notifications"] = urls["models"]
    more = {
        "PIPELINE_POSTGRES_SUPERUSER": own_server,
        "PIPELINE_TASKS_PASSWORD": "pw-tasks",
        "PIPELINE_REGISTRY_PASSWORD": "pw-registry",
        "AIRFLOW__CELERY__RESULT_BACKEND": "db+"
        + url("celery", "celery").replace("postgresql:", "postgresql+psycopg:"),
    }

    first = run(urls, tmp_path, **more)
    second = run(urls, tmp_path, **more)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stderr.count("Created the database") == 4
    assert "Created" not in second.stderr
    for name in ("airflow", "examples", "models"):
        with psycopg.connect(urls[name]) as connection:
            assert connection.execute(TABLES, {"name": EXPECTED[name]}).fetchone() == (1,), name
    with psycopg.connect(url("registry", "models")) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (0,)
    with psycopg.connect(url("celery", "celery")) as connection:
        connection.execute("CREATE TABLE results ()")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url("tasks", "airflow"))
    with psycopg.connect(own_server) as connection:
        roles = {
            name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolcanlogin")
        }
    assert roles == {"owner", "airflow", "celery", "tasks", "registry"}


def test_a_component_that_would_connect_as_the_superuser_is_refused(urls: dict[str, str], tmp_path: Path) -> None:
    done = run(urls, tmp_path, PIPELINE_POSTGRES_SUPERUSER=urls["models"])

    assert done.returncode == 1
    assert "an address names pipeline, which PIPELINE_POSTGRES_SUPERUSER names too" in done.stderr


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
