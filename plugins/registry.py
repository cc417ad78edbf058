"""The registry in Airflow's UI and at /registry/. Every task process imports this file: keep it empty."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class RegistryPlugin(AirflowPlugin):
    """Adds the pages, an entry in the navigation, a tab on every run, and the REST API."""

    name = "models_registry"
    external_views = [  # noqa: RUF012 - Airflow's own way to declare it
        {"name": "Models", "href": "registry/", "destination": "nav", "url_route": "models"},
        {"name": "New sweep", "href": "registry/pages/sweep", "destination": "nav", "url_route": "sweep"},
        {
            "name": "Leaderboard",
            "href": "registry/?dag={DAG_ID}&run={RUN_ID}",
            "destination": "dag_run",
            "url_route": "leaderboard",
        },
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]  # Airflow only reads it
        """The application, made when the API server asks for it."""
        from pipeline_airflow.registry_app import make_registry_app

        return [{"name": "models_registry", "app": make_registry_app(), "url_prefix": "/registry"}]
