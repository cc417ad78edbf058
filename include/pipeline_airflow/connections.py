"""The product's connections as defined in Airflow: environment, secrets backend or metadata database."""

from functools import cache
from typing import Any

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from pipeline.environment import ConnectionUrls, Deployment, ExamplesKeys, Prepared, RegistryConnection
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database, find_state


def airflow_connections() -> Connections:
    """Return connections made from Airflow's `examples_db`, `models_db` and `notifications`."""
    return Connections(
        examples_db=_database("examples_db", ConnectionUrls.read().examples_db),
        models_db=models_database(),
        notifications_url=notifications_url(),
        keys=ExamplesKeys.read(),
        shared=Prepared.read(),
    )


def models_database() -> Database:
    """Return Airflow's `models_db`."""
    return _database("models_db", ConnectionUrls.read().models_db)


def registry_database(keep: int = 0) -> Database:
    """Return Airflow's `registry_db`: the models database, with a role that may do only what the registry does.

    Without that connection, return `models_db`.

    Args:
        keep: how many idle connections are kept.
    """
    if not _has_connection("registry_db"):
        return _database("models_db", ConnectionUrls.read().models_db, keep)
    return _database("registry_db", RegistryConnection.read().registry_db, keep)


def registry_examples_database(keep: int = 0) -> Database | None:
    """Return Airflow's `registry_examples_db`: the examples, with a role that can count and compare them, and no more.

    Without that connection, return None: with that of tasks, the API server could read all rows.

    Args:
        keep: how many idle connections are kept.
    """
    if not _has_connection("registry_examples_db"):
        return None
    return _database("registry_examples_db", RegistryConnection.read().registry_examples_db, keep)


@cache
def _has_connection(conn_id: str) -> bool:
    try:
        Connection.get(conn_id)
    except AirflowNotFoundException:
        return False
    return True


def notifications_url() -> str:
    """Return the address in Airflow's `notifications`."""
    return str(Connection.get("notifications").get_uri())


def _database(conn_id: str, url: str | None, keep: int = 0) -> Database:
    def connect() -> Any:
        # a new hook each time: it keeps the login that it has read, which may have been changed since
        return PostgresHook(postgres_conn_id=conn_id).get_conn()

    return Database(conn_id, connect, find_state(url or "", Deployment.read().home), keep)
