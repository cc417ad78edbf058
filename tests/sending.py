"""Requests to Airflow's application in this process, as somebody of a role."""

import asyncio
import warnings
from typing import Any

import httpx


def send(app: Any, method: str, path: str, role: str = "admin", **request: Any) -> httpx.Response:
    """Return what the application answers somebody; without a role, somebody who is not logged in."""

    async def call() -> httpx.Response:
        headers = request.pop("headers", {})
        if role:
            from airflow.api_fastapi.app import get_auth_manager
            from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

            token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=role, role=role))
            headers = headers | {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airflow") as client:
            return await client.request(method, path, headers=headers, timeout=60, **request)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(call())
