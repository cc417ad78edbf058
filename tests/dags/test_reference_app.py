"""The plugin that serves the options reference: who may read it, and what it costs a task."""

import asyncio
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.reference import TITLES

PLUGINS = Path(__file__).parents[2] / "plugins"
HEAVY = (
    "pipeline",
    "pipeline_airflow.reference_app",
    "pipeline_airflow.registry_app",
    "pipeline_airflow.trigger_check",
    "markdown_it",
    "numpy",
)

LOAD = f"""
import json, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
heavy = sorted(set(sys.modules) & set({HEAVY}))
apps = plugins_manager.get_fastapi_plugins()[0]
views = [view for plugin in plugins_manager.get_plugin_info() for view in plugin["external_views"]]
found = [(app["url_prefix"], type(app["app"]).__name__) for app in apps]
print("\\n" + json.dumps({{"heavy": heavy, "apps": found, "views": views}}))
"""


@pytest.fixture
def app() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using `httpx`")  # said on importing what Airflow imports
        from pipeline_airflow.reference_app import make_app
    return make_app()


@pytest.fixture
def open_app(app: Any) -> Any:
    """The application as somebody sees it who is logged in."""
    from airflow.api_fastapi.core_api.security import get_user

    app.dependency_overrides[get_user] = object
    return app


def request(app: Any, path: str, method: str = "GET") -> httpx.Response:
    """Return what the application answers, without a server."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            return await client.request(method, path)

    return asyncio.run(send())


def test_every_route_refuses_the_anonymous(app: Any) -> None:
    calls = [(re.sub(r"\{.*?\}", "models", route.path), method) for route in app.routes for method in route.methods]

    assert calls
    assert [request(app, path, method).status_code for path, method in calls] == [401] * len(calls)


@pytest.mark.parametrize("path", ["/", "/models", "/nothing", "/models/", "/docs", "/openapi.json"])
def test_the_anonymous_learn_not_even_which_pages_there_are(app: Any, path: str) -> None:
    assert request(app, path).status_code == 401


@pytest.mark.parametrize(("path", "name"), [("/", "index"), *((f"/{name}", name) for name in TITLES)])
def test_a_page_is_shown_to_who_is_logged_in(open_app: Any, path: str, name: str) -> None:
    answer = request(open_app, path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert f"<title>{TITLES[name]}</title>" in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/models/", "/models/x", "/../models.md", "/docs", "/openapi.json"])
def test_another_page_is_not_found(open_app: Any, path: str) -> None:
    answer = request(open_app, path)

    assert answer.status_code == 404
    assert "models" in answer.json()["detail"]


def test_the_plugins_import_nothing_until_the_api_server_asks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        env=os.environ | {"AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    found = json.loads(done.stdout.splitlines()[-1])
    assert found["heavy"] == []
    assert sorted(found["apps"]) == [["/reference", "FastAPI"], ["/registry", "FastAPI"]]
    assert {(view["destination"], view["href"]) for view in found["views"]} == {
        ("nav", "reference/"),
        ("nav", "registry/"),
        ("nav", "registry/pages/sweep"),
        ("dag_run", "registry/?dag={DAG_ID}&run={RUN_ID}"),
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/models", "/nothing"])
def test_every_method_is_answered_alike(open_app: Any, path: str, method: str) -> None:
    answer = request(open_app, path, method)

    found = 404 if path == "/nothing" else 200
    assert answer.status_code == (found if method in ("GET", "HEAD") else 405)
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get("allow") == (None if method in ("GET", "HEAD") else "GET, HEAD")
