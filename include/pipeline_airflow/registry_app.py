"""The registry as an application of Airflow's API server, which decides who may do what."""

from functools import cache
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.sdk.configuration import conf
from fastapi import FastAPI, HTTPException, Request, status

from pipeline.airflow_client.api import DAG_ID
from pipeline.registry.access import Access
from pipeline.registry.announcer import Announcer
from pipeline.registry.app import make_app
from pipeline.registry.limits import MOST_CONNECTIONS_KEPT, MOST_PREVIEWS
from pipeline.runs.announce import announce_moves
from pipeline.stores.database import Database
from pipeline_airflow.connections import notifications_url, registry_database, registry_examples_database

_may_read = requires_access_dag("GET", param_dag_id=DAG_ID)
_may_trigger = requires_access_dag("POST", DagAccessEntity.RUN, DAG_ID)
_may_delete = requires_access_dag("DELETE", DagAccessEntity.RUN, DAG_ID)


def make_registry_app() -> FastAPI:
    """Return the application.

    Users who may read the DAG can read it, users who may trigger it can change aliases, and users who may delete its
    runs can delete and retire models.
    """
    announcer = Announcer(_announce_moves)
    return make_app(
        Access(reader=_find_reader, user=_find_user, remover=_find_remover),
        _find_database,
        announcer.wake,
        find_examples_database,
        conf.getint("core", "max_map_length"),
    )


@cache
def _find_database() -> Database:
    """Return the models database: one for all requests of a process, which keeps connections."""
    return registry_database(MOST_CONNECTIONS_KEPT)


@cache
def find_examples_database() -> Database | None:
    """Return the examples database, whose examples the registry can count; None if there is no connection to it."""
    return registry_examples_database(MOST_PREVIEWS)


def _announce_moves() -> int:
    return announce_moves(_find_database(), notifications_url())


def _find_reader(request: Request, user: GetUserDep) -> str:
    return _check(_may_read, request, user, f"only users who may see the DAG {DAG_ID} may see its models")


def _find_user(request: Request, user: GetUserDep) -> str:
    return _check(_may_trigger, request, user, f"only users who may trigger the DAG {DAG_ID} may do this")


def _find_remover(request: Request, user: GetUserDep) -> str:
    refusal = f"only users who may delete runs of the DAG {DAG_ID} may delete or retire models"
    return _check(_may_delete, request, user, refusal)


def _check(may: Any, request: Request, user: Any, refusal: str) -> str:
    try:
        may(request, user)
    except HTTPException as error:
        if error.status_code == status.HTTP_403_FORBIDDEN:
            raise HTTPException(error.status_code, refusal) from None
        raise
    return str(user.get_name())
