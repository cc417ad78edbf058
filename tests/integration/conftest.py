"""A real PostgreSQL server for the session, and a fresh, migrated database for every test that asks."""

import secrets
from collections.abc import Iterator

import pytest

from integration.server import running_server, with_database
from pipeline.stores.database import Database
from pipeline.stores.databases import clone_database, create_missing_databases, drop_database
from pipeline.stores.migrations.migrate import Schema, migrate


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server's `postgres` database; one server for each pytest worker."""
    with running_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


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
    migrate(with_database(server, name), schema)
    return name


def _fresh_database(server: str, template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    clone_database(server, template, name)
    try:
        yield with_database(server, name)
    finally:
        drop_database(server, name)
