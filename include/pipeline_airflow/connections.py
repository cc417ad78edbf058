"""The product's connections as defined in Airflow: environment, secrets backend or metadata database."""

from functools import cache
from typing import Any, cast

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
        notifications_url=Connection.get("notifications").get_uri(),
        keys=ExamplesKeys.read(),
        shared=Prepared.read(),
    )


def models_database() -> Database:
    """Return Airflow's `models_db`."""
    return _database("models_db", ConnectionUrls.read().models_db)


def registry_database() -> Database:
    """Return Airflow's `registry_db`: the models database, with a role that may do only what the registry does.

    Without that connection, return `models_db`.
    """
    if not _has_registry_db():
        return models_database()
    return _database("registry_db", RegistryConnection.read().registry_db)


@cache
def _has_registry_db() -> bool:
    try:
        Connection.get("registry_db")
    except AirflowNotFoundException:
        return False
    return True


def _database(conn_id: str, url: str | None) -> Database:
    hook = PostgresHook(postgres_conn_id=conn_id)
    # the hook's own annotation covers psycopg 2 as well; with SQLAlchemy 2 it connects by psycopg 3
    return Database(conn_id, cast("Any", hook.get_conn), find_state(url or "", Deployment.read().home))
