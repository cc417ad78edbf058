"""Plans are checked where they are triggered. Every task process imports this file: keep it empty."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class PlanCheckPlugin(AirflowPlugin):
    """Adds the check to the API server."""

    name = "plan_check"

    @cached_property
    def fastapi_root_middlewares(self) -> list[dict[str, Any]]:  # type: ignore[override]  # Airflow only reads it
        """The check, imported when the API server asks for it."""
        from pipeline_airflow.trigger_check import TriggerCheck

        return [{"name": "plan_check", "middleware": TriggerCheck}]
