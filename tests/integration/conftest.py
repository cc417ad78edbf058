"""A real PostgreSQL server for the session, and a fresh, migrated database for every test that asks."""

import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready
from pipeline.stores.database import Database
from pipeline.stores.databases import clone_database, create_missing_databases, drop_database
from pipeline.stores.migrations.migrate import Schema, migrate

# Nothing here has to survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "50"}


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server's `postgres` database; one server for each pytest worker."""
    folder = tmp_path_factory.mktemp("postgres")
    password = secrets.token_hex(16)
    create_data_folder(folder / "data", password)
    port = free_port()
    log = folder / "log"
    command = server_command(folder / "data", port, FAST)
    setpriv = shutil.which("setpriv")
    if setpriv is not None:  # the server ends with us, even when we are killed
        command = (
            [setpriv, "--pdeathsig=INT", "--", *command]
            if command[0] != setpriv
            else [setpriv, "--pdeathsig=INT", *command[1:]]
        )
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/")
    try:
        url = server_url(port, password)
        wait_until_ready(url, lambda: process.poll() is None, log)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder / "data")


@pytest.fixture(scope="session")
def examples_template(postgres_server: str) -> str:
    """The name of a migrated examples database to copy."""
    return _make_template(postgres_server, "examples")


@pytest.fixture(scope="session")
def models_template(postgres_server: str) -> str:
    """The name of a migrated models database to copy."""
    return _make_template(postgres_server, "models")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of a fresh, empty database."""
    yield from _fresh_database(postgres_server, "template1")


@pytest.fixture
def examples_url(postgres_server: str, examples_template: str) -> Iterator[str]:
    """The address of a fresh examples database."""
    yield from _fresh_database(postgres_server, examples_template)


@pytest.fixture
def models_url(postgres_server: str, models_template: str) -> Iterator[str]:
    """The address of a fresh models database."""
    yield from _fresh_database(postgres_server, models_template)


@pytest.fixture
def examples_db(examples_url: str) -> Database:
    """A fresh examples database."""
    return Database.from_url("examples_db", examples_url)


@pytest.fixture
def models_db(models_url: str) -> Database:
    """A fresh models database."""
    return Database.from_url("models_db", models_url)


def _make_template(server: str, schema: Schema) -> str:
    name = f"template_{schema}"
    create_missing_databases(server, [name])
    migrate(_with_database(server, name), schema)
    return name


def _fresh_database(server: str, template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    clone_database(server, template, name)
    try:
        yield _with_database(server, name)
    finally:
        drop_database(server, name)


def _with_database(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()
