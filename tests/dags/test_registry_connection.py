"""Which of Airflow's connections the registry uses."""

from collections.abc import Iterator

import pytest

from pipeline_airflow import connections

URL = "postgresql://{role}:secret@127.0.0.1:1/models"


@pytest.fixture(autouse=True)
def models_db(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment with the connection that every deployment has."""
    monkeypatch.setenv("AIRFLOW_CONN_MODELS_DB", URL.format(role="tasks"))
    connections._has_connection.cache_clear()
    yield
    connections._has_connection.cache_clear()


def test_the_registry_has_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_REGISTRY_DB", URL.format(role="registry"))

    assert connections.registry_database().name == "registry_db"


def test_without_one_it_has_that_of_tasks() -> None:
    assert connections.registry_database().name == "models_db"


def test_it_counts_examples_with_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_REGISTRY_EXAMPLES_DB", URL.format(role="registry"))

    database = connections.registry_examples_database()

    assert database is not None
    assert database.name == "registry_examples_db"


def test_without_one_it_counts_none_though_tasks_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_EXAMPLES_DB", URL.format(role="tasks"))

    assert connections.registry_examples_database() is None
