"""The registry as an application of Airflow's API server, which decides who may do what."""

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import FastAPI, HTTPException, Request, status

from pipeline.airflow_client.api import DAG_ID
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline_airflow.connections import registry_database

_may_read = requires_access_dag("GET", param_dag_id=DAG_ID)
_may_trigger = requires_access_dag("POST", DagAccessEntity.RUN, DAG_ID)


def make_registry_app() -> FastAPI:
    """Return the application. Users who may read the DAG can read it; users who may trigger it can change aliases."""
    return make_app(Access(reader=_find_reader, user=_find_user), registry_database)


def _find_reader(request: Request, user: GetUserDep) -> str:
    return _check(_may_read, request, user, f"only users who may see the DAG {DAG_ID} may see its models")


def _find_user(request: Request, user: GetUserDep) -> str:
    return _check(_may_trigger, request, user, f"only users who may trigger the DAG {DAG_ID} may do this")


def _check(may: Any, request: Request, user: Any, refusal: str) -> str:
    try:
        may(request, user)
    except HTTPException as error:
        if error.status_code == status.HTTP_403_FORBIDDEN:
            raise HTTPException(error.status_code, refusal) from None
        raise
    return str(user.get_name())
