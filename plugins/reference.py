"""The options reference in Airflow's UI and at /reference/. Every task process imports this file: keep it empty."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class ReferencePlugin(AirflowPlugin):
    """Adds the pages and their entry in the navigation."""

    name = "options_reference"
    external_views = [  # noqa: RUF012 - Airflow's own way to declare it
        {"name": "Options", "href": "reference/", "destination": "nav", "url_route": "reference"}
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]  # Airflow only reads it
        """The application, made when the API server asks for it."""
        from pipeline_airflow.reference_app import make_app

        return [{"name": "options_reference", "app": make_app(), "url_prefix": "/reference"}]
