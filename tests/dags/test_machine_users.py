"""Airflow's own API server with the users of one machine: who logs in, as what, and until when."""

import asyncio
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.deployment.home import Home, make_home
from pipeline.deployment.provision import provision
from pipeline.deployment.users import add_user, remove_user

MANAGER = "pipeline_airflow.machine_users.MachineUsers"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The state folder of a deployment."""
    made = make_home(tmp_path_factory.mktemp("users") / "home")
    provision(made)
    return made


@pytest.fixture(scope="module")
def app(home: Home, metadata_database: None) -> Iterator[Any]:
    """Airflow's REST API and its login."""
    del metadata_database
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("PIPELINE_HOME", str(home.path))
        patch.setenv("AIRFLOW__CORE__AUTH_MANAGER", MANAGER)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(home.airflow_passwords))
        from airflow.api_fastapi.app import create_app, purge_cached_app

        purge_cached_app()
        yield create_app("core")
        purge_cached_app()


def call(app: Any, method: str, path: str, token: str | None = None, **request: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airflow") as client:
            return await client.request(method, path, headers=headers, timeout=60, **request)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(send())


def log_in(app: Any, name: str, password: str, path: str = "/auth/token", **request: Any) -> httpx.Response:
    return call(app, "POST", path, **(request or {"json": {"username": name, "password": password}}))


def status_of(app: Any, token: str, method: str = "GET", path: str = "/api/v2/pools", **request: Any) -> int:
    return call(app, method, path, token, **request).status_code


@pytest.mark.parametrize("path", ["/auth/token", "/auth/token/cli"])
def test_who_is_added_can_log_in_at_once(app: Any, home: Home, path: str) -> None:
    name = f"anna{len(path)}"
    password = add_user(home, name, "viewer")

    token = log_in(app, name, password, path).json()["access_token"]

    assert status_of(app, token) == 200
    assert status_of(app, token, "POST", json={"name": "mine", "slots": 1}) == 403


def test_the_form_of_the_pages_logs_in_too(app: Any, home: Home) -> None:
    password = add_user(home, "form", "viewer")

    answer = log_in(app, "", "", data={"username": "form", "password": password})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "given", [("bert", "wrong"), ("bert", ""), ("nobody", "wrong"), ("", ""), ("bert", "p\u00e4ss")]
)
def test_a_wrong_password_is_refused(app: Any, home: Home, given: tuple[str, str]) -> None:
    if not (home.users.read_text().count('"bert"')):
        add_user(home, "bert", "viewer", "the right one")

    assert log_in(app, *given).status_code == 401
    assert log_in(app, "bert", "the right one").status_code == 201


def test_who_is_removed_is_refused_at_once_and_stays_so(app: Any, home: Home) -> None:
    password = add_user(home, "carl", "op")
    token = log_in(app, "carl", password).json()["access_token"]
    assert status_of(app, token) == 200

    remove_user(home, "carl")
    assert status_of(app, token) in (401, 403)
    assert log_in(app, "carl", password).status_code == 401

    add_user(home, "carl", "viewer")
    assert status_of(app, token) in (401, 403)


def test_a_token_has_the_role_of_the_list_and_not_of_its_own(app: Any, home: Home) -> None:
    password = add_user(home, "dora", "op")
    token = log_in(app, "dora", password).json()["access_token"]
    assert status_of(app, token, "POST", json={"name": "of-dora", "slots": 1}) == 201

    home.users.write_text(home.users.read_text().replace('"role": "op"', '"role": "viewer"'))

    assert status_of(app, token, "POST", json={"name": "of-dora-2", "slots": 1}) == 403


def test_a_damaged_list_lets_nobody_in(app: Any, home: Home) -> None:
    token = log_in(app, "erna", add_user(home, "erna", "admin")).json()["access_token"]
    text = home.users.read_text()
    home.users.write_text("{")
    try:
        assert status_of(app, token) in (401, 403)
    finally:
        home.users.write_text(text)
    assert status_of(app, token) == 200


def test_the_administrator_logs_in_as_before(app: Any, home: Home) -> None:
    _, secrets = provision(home)

    assert log_in(app, "admin", secrets.admin_password).status_code == 201


def test_every_task_process_imports_a_plugin_that_loads_nothing() -> None:
    plugins = Path(__file__).parents[2] / "plugins"
    code = "import sys; import login_brake; print('pipeline.web.logins' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(plugins)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip().endswith("False")
