"""airflow_settings.yaml on a running Airflow."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from e2e.deployments import Deployment
from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.settings import Outcome, apply_settings, read_settings

pytestmark = pytest.mark.e2e

FILE = """
airflow:
  connections:
    - {conn_id: of_parts, conn_type: http, conn_host: h, conn_login: me, conn_schema: s, conn_port: 80}
    - {conn_id: of_uri, conn_uri: "https://me:a%20word@h:443/s?timeout=5&api_token=x"}
    - {conn_id: by_environment, conn_type: http}
    - {conn_id: for_astro, conn_type: postgres, conn_host: postgres, conn_password: postgres}
  pools:
    - {pool_name: default_pool, pool_slot: 128, pool_description: refused by Airflow}
    - {pool_name: my pool/1, pool_slot: 2}
  variables:
    - {variable_name: "my/variable?", variable_value: '{"a":1}'}
    - {variable_name: a_password, variable_value: word}
"""
FIRST = {
    "default_pool": "failed",
    "my pool/1": "created",
    "my/variable?": "created",
    "a_password": "created",
    "of_parts": "created",
    "of_uri": "created",
    "by_environment": "from the environment",
    "for_astro": "left out",
}
SECOND = {name: state.replace("created", "unchanged") for name, state in FIRST.items()}
ENVIRON = {"AIRFLOW_CONN_BY_ENVIRONMENT": "http://elsewhere"}


@pytest.fixture
def api(deployment: Deployment) -> Iterator[AirflowApi]:
    api = deployment.airflow
    yield api
    for path in ("connections/of_parts", "connections/of_uri", "pools/my%20pool/1", "variables/my/variable%3F"):
        api.call("DELETE", f"/api/v2/{path}")
    api.call("DELETE", "/api/v2/variables/a_password")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(FILE)
    return path


def apply(api: AirflowApi, file: Path, **options: Any) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in apply_settings(api, read_settings(file), ENVIRON, **options)}


def states(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {name: outcome.state for name, outcome in outcomes.items()}


def shown(api: AirflowApi) -> list[Any]:
    return [api.find(f"/api/v2/{kind}") for kind in ("connections", "pools", "variables")]


def login_of(deployment: Deployment) -> dict[str, str]:
    return {
        "PIPELINE_AIRFLOW_URL": deployment.base_url,
        "PIPELINE_AIRFLOW_USERNAME": deployment.admin[0],
        "PIPELINE_AIRFLOW_PASSWORD": deployment.admin[1],
    }


def resize_pool(api: AirflowApi, name: str, slots: int, description: str | None = None) -> None:
    body = {"pool": name, "slots": slots, "description": description, "include_deferred": False}
    mask = "update_mask=slots" + ("&update_mask=description" if description else "")
    api.change("PATCH", f"/api/v2/pools/{quote(name)}?{mask}", body)


def test_twice_is_harmless_and_what_airflow_refuses_keeps_no_other_from_being_applied(
    api: AirflowApi, file: Path
) -> None:
    first = apply(api, file)
    after_first = shown(api)
    second = apply(api, file)

    assert states(first) == FIRST
    assert "pool default_pool: Airflow answered 400 (" in first["default_pool"].note
    assert states(second) == SECOND
    assert second["of_parts"].note == ""
    assert second["of_uri"].note == "password, extra: written again, because Airflow does not show it"
    assert "value: " in second["a_password"].note
    assert shown(api) == after_first


def test_an_address_arrives_in_its_parts(api: AirflowApi, file: Path) -> None:
    apply(api, file)

    connection = api.find("/api/v2/connections/of_uri")

    assert {name: connection[name] for name in ("conn_type", "host", "login", "schema", "port")} == {
        "conn_type": "https",
        "host": "h",
        "login": "me",
        "schema": "s",
        "port": 443,
    }
    assert json.loads(connection["extra"])["timeout"] == 5
    assert "a word" not in json.dumps(connection)


def test_what_was_changed_in_airflow_is_changed_back_and_what_is_not_in_the_file_stays(
    api: AirflowApi, file: Path
) -> None:
    apply(api, file)
    ours = {"connection_id": "of_parts", "conn_type": "http", "schema": "other", "port": 81, "description": "mine"}
    api.change("PATCH", "/api/v2/connections/of_parts", ours)
    resize_pool(api, "my pool/1", 7, "mine")
    api.change("PATCH", "/api/v2/variables/my/variable%3F", {"key": "my/variable?", "value": "other"})

    looked = apply(api, file, dry_run=True)
    before = shown(api)
    done = apply(api, file)

    changed = {"of_parts", "my pool/1", "my/variable?"}
    assert {name for name, state in states(looked).items() if state == "would be changed"} == {*changed, "default_pool"}
    assert {name: outcome.note for name, outcome in done.items() if outcome.state == "changed"} == {
        "of_parts": "schema, port",
        "my pool/1": "slots",
        "my/variable?": "value",
    }
    assert before != shown(api)
    connection, pool = api.find("/api/v2/connections/of_parts"), api.find("/api/v2/pools/my%20pool/1")
    assert [connection[name] for name in ("schema", "port", "login", "description")] == ["s", 80, "me", "mine"]
    assert [pool["slots"], pool["description"]] == [2, "mine"]


def test_a_dry_run_writes_nothing(api: AirflowApi, file: Path) -> None:
    before = shown(api)

    looked = apply(api, file, dry_run=True)

    assert states(looked)["of_uri"] == "would be created"
    assert shown(api) == before


def test_a_password_that_was_changed_in_airflow_is_written_again(
    api: AirflowApi, deployment: Deployment, file: Path
) -> None:
    apply(api, file)
    other = {"connection_id": "of_uri", "conn_type": "https", "password": "other"}
    api.change("PATCH", "/api/v2/connections/of_uri", other)

    apply(api, file)

    exported = deployment.run("airflow", "connections", "get", "of_uri", "--output", "json")
    assert "a word" in exported.stdout


def test_the_command_applies_the_repositorys_file_to_this_machines_deployment(deployment: Deployment) -> None:
    done = deployment.run("settings", "apply", "--json")

    assert done.returncode == 0, done.stderr
    assert {each["name"]: each["state"] for each in json.loads(done.stdout)["settings"]} == {
        "training": "unchanged",
        "examples_db": "from the environment",
        "models_db": "from the environment",
        "notifications": "from the environment",
    }


@pytest.mark.usefixtures("api")
def test_the_command_fails_with_a_line_for_each_when_one_fails(deployment: Deployment, file: Path) -> None:
    done = deployment.run("settings", "apply", "--file", str(file), **login_of(deployment), **ENVIRON)

    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == len(FIRST)
    assert "for_astro" in done.stdout
    assert "set AIRFLOW_CONN_FOR_ASTRO" in done.stdout
    assert "a word" not in done.stdout + done.stderr


def test_another_machines_airflow_gets_the_files_pool_and_never_astros_login(deployment: Deployment) -> None:
    done = deployment.run("settings", "apply", "--dry-run", "--json", **login_of(deployment))

    looked = {each["name"]: (each["state"], each["note"]) for each in json.loads(done.stdout)["settings"]}
    assert looked["training"] == ("would be changed", "slots")
    assert {looked[name][0] for name in ("examples_db", "models_db", "notifications")} == {"left out"}


def test_the_training_pools_size_may_come_from_the_environment(api: AirflowApi, deployment: Deployment) -> None:
    size = str(api.find("/api/v2/pools/training")["slots"])

    done = deployment.run("settings", "apply", "--dry-run", **login_of(deployment), PIPELINE_TRAINING_SLOTS=size)

    assert done.stdout.split()[:3] == ["pool", "training", "unchanged"]


def test_up_leaves_a_pool_size_alone_that_somebody_else_chose(api: AirflowApi, deployment: Deployment) -> None:
    size = api.find("/api/v2/pools/training")["slots"]
    resize_pool(api, "training", size + 3)
    try:
        done = deployment.run("up")
        kept = api.find("/api/v2/pools/training")["slots"]
    finally:
        resize_pool(api, "training", size)

    assert done.returncode == 0, done.stderr
    assert kept == size + 3
