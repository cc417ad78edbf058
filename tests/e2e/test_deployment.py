"""A deployment that runs: what it says, who may do what, and what nobody else can read or reach."""

import json
import shlex
import stat
import subprocess
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from e2e.deployments import Deployment
from pipeline.deployment.roles import ROLES

pytestmark = pytest.mark.e2e

NO_SUPERUSERS = (
    "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb"
)


def test_up_again_changes_nothing_and_says_where_everything_is(deployment: Deployment) -> None:
    before = deployment.pids()

    done = deployment.run("up")

    assert done.returncode == 0, done.stderr
    assert deployment.pids() == before
    assert deployment.base_url in done.stdout
    assert str(deployment.home) in done.stdout
    assert deployment.admin[1] not in done.stdout  # only a terminal is told the password


def test_status_is_zero_only_when_all_is_healthy(deployment: Deployment) -> None:
    done = deployment.run("status", "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["healthy"] is True
    assert {program["name"] for program in found["programs"]} == {
        "postgres",
        "execution-api",
        "api-server",
        "scheduler",
        "dag-processor",
        "service",
    }


def test_every_listening_address_is_local(deployment: Deployment) -> None:
    listening = [
        connection.laddr.ip
        for process in deployment.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert set(listening) == {"127.0.0.1"}


def test_nobody_else_can_read_anything(deployment: Deployment) -> None:
    paths = [deployment.home, *deployment.home.rglob("*")]
    open_paths = [str(path) for path in paths if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()]

    assert open_paths == []


def test_the_environment_can_be_evaluated_by_a_shell(deployment: Deployment) -> None:
    printed = deployment.run("env").stdout
    script = f'{printed}\nprintf %s "$AIRFLOW_CONN_MODELS_DB"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={})

    assert done.stdout == deployment.variables["AIRFLOW_CONN_MODELS_DB"]
    assert all(shlex.split(line)[0] == "export" for line in printed.splitlines())


def test_airflow_commands_reach_the_deployment(deployment: Deployment) -> None:
    done = deployment.run("airflow", "pools", "list", "--output", "json")

    pools = {pool["pool"] for pool in json.loads(done.stdout[done.stdout.index("[") :])}
    assert {"training", "default_pool"} <= pools


def log_in(deployment: Deployment, name: str, password: str) -> httpx.Response:
    body = {"username": name, "password": password}
    return httpx.post(f"{deployment.base_url}/auth/token", json=body, timeout=90, trust_env=False)


def may_read(deployment: Deployment, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{deployment.base_url}/api/v2/dags"
    return httpx.get(url, headers=headers, timeout=90, trust_env=False).status_code == 200


def test_a_user_is_added_and_removed_without_a_restart(deployment: Deployment) -> None:
    before = deployment.pids()

    added = deployment.run("users", "add", "anna", "--role", "viewer")
    password = json.loads((deployment.home / "airflow/passwords.json").read_text())["anna"]
    token = log_in(deployment, "anna", password).json()["access_token"]
    could_read = may_read(deployment, token)
    listed = {user["name"]: user["role"] for user in json.loads(deployment.run("users", "list", "--json").stdout)}
    removed = deployment.run("users", "remove", "anna")

    assert (added.returncode, removed.returncode) == (0, 0), added.stderr + removed.stderr
    assert password not in added.stdout  # only a terminal is told the password
    assert could_read
    assert listed | {"anna": "viewer", "admin": "admin"} == listed
    assert not may_read(deployment, token)
    assert log_in(deployment, "anna", password).status_code == 401
    assert deployment.pids() == before


def test_wrong_passwords_are_slowed_down_and_the_administrator_is_not(deployment: Deployment) -> None:
    assert log_in(deployment, *deployment.admin).status_code == 201

    answers = [log_in(deployment, "nobody", f"guess {number}") for number in range(8)]

    assert {answer.status_code for answer in answers[:5]} == {401}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert log_in(deployment, *deployment.admin).status_code == 201


def test_no_component_connects_as_the_superuser(deployment: Deployment) -> None:
    used = deployment.connected_roles()
    with psycopg.connect(deployment.superuser_url) as connection:
        harmless = connection.execute(NO_SUPERUSERS).fetchone()

    assert "airflow" in used
    assert used <= {*ROLES}
    assert harmless == (len(ROLES),)


def test_the_api_server_has_the_registrys_role_and_no_keys(deployment: Deployment) -> None:
    server, scheduler = (deployment.process_of(name).environ() for name in ("api-server", "scheduler"))

    assert server["AIRFLOW_CONN_REGISTRY_DB"].startswith("postgresql://registry:")
    assert server["AIRFLOW_CONN_REGISTRY_EXAMPLES_DB"].startswith("postgresql://registry:")
    assert not {"AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_MODELS_DB", "PIPELINE_EXAMPLES_KEYS_FILE"} & {*server}
    assert scheduler["AIRFLOW_CONN_MODELS_DB"].startswith("postgresql://tasks:")
    assert not {"AIRFLOW_CONN_REGISTRY_DB", "AIRFLOW_CONN_REGISTRY_EXAMPLES_DB"} & {*scheduler}


@pytest.mark.parametrize("command", ["status", "down", "env"])
def test_a_place_without_a_deployment_gets_a_sentence(tmp_path: Path, command: str) -> None:
    done = Deployment(tmp_path / "none").run(command)

    assert done.returncode == (0 if command == "down" else 1)
    assert "no deployment" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
