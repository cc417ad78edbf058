"""Wrong logins are slowed down. Every task process imports this file: keep it empty."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class LoginBrakePlugin(AirflowPlugin):
    """Adds the brake to the API server."""

    name = "login_brake"

    @cached_property
    def fastapi_root_middlewares(self) -> list[dict[str, Any]]:  # type: ignore[override]  # Airflow only reads it
        """The brake, imported when the API server asks for it."""
        from pipeline.web.logins import LoginBrake

        return [{"name": "login_brake", "middleware": LoginBrake}]
