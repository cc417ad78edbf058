"""What docker-compose.yaml, the Dockerfile and the secrets promise, as far as reading them tells."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from pipeline.deployment.programs import SESSIONS
from pipeline.environment import EXAMPLES_KEYS_FILE, PREPARED_STORE
from pipeline.registry.limits import MOST_REQUESTS
from scaled.compose import COMPOSE_FILE, METADATA_SECRETS, ROOT, Service, fill_in, make_variables, read_compose

ONCE = ("migrate", "settings")


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
    return read


def test_the_file_is_a_compose_file() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE_FILE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_docker_compose_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no `docker compose` on this machine")
    env_file = tmp_path / "env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in make_variables().items()))
    command = [docker, "compose", "--file", str(COMPOSE_FILE), "--env-file", str(env_file), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", make_variables())
def test_nothing_starts_without_a_secret(name: str) -> None:
    variables = make_variables()
    del variables[name]
    with pytest.raises(KeyError, match=f"{name}: run make .env"):
        read_compose(variables)


def test_secrets_are_new_each_time_and_mean_what_they_should() -> None:
    first, second = make_variables(), make_variables()
    assert not set(first.values()) & set(second.values())
    assert all(re.fullmatch(r"[\w=-]+", value) for value in first.values())
    Fernet(first["AIRFLOW_FERNET_KEY"].encode())


def test_ports_are_open_to_this_machine_only(content: dict[str, Any]) -> None:
    ports = [fill_in(port, {}) for block in content["services"].values() for port in block.get("ports", ())]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_service_that_stays_is_watched_limited_and_restarted(content: dict[str, Any]) -> None:
    for name, block in content["services"].items():
        assert block["logging"]["options"]["max-size"], name
        assert "no-new-privileges:true" in block["security_opt"], name
        if name in ONCE:
            assert block["restart"] == "on-failure:5"
        elif not block.get("profiles"):
            assert block["restart"] == "unless-stopped", name
            assert block["healthcheck"]["test"], name
            assert block["mem_limit"], name


def test_airflow_runs_without_root_and_without_privileges(content: dict[str, Any]) -> None:
    own = [name for name, block in content["services"].items() if "PIPELINE_IMAGE" in block["image"]]
    assert len(own) == 9
    assert [name for name, block in content["services"].items() if "build" in block] == ["migrate", "service"]
    assert all(content["services"][name]["cap_drop"] == ["ALL"] for name in own)
    assert all("user" not in content["services"][name] for name in own)
    users = re.findall(r"^USER (\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["pipeline", "airflow"]


def test_only_trainings_and_commands_hold_the_keys_of_examples(services: dict[str, Service]) -> None:
    folder = "/opt/airflow/keys"
    holders = {name for name, service in services.items() if EXAMPLES_KEYS_FILE in service.environment}
    assert holders == {"migrate", "worker", "pipeline"}
    assert holders == {name for name, service in services.items() if folder in service.volumes}
    assert all(services[name].environment[EXAMPLES_KEYS_FILE].startswith(folder) for name in holders)


def test_the_api_server_has_the_registrys_connections_and_no_keys(services: dict[str, Service]) -> None:
    server = services["api-server"]
    connections = {name for name in server.environment if name.startswith("AIRFLOW_CONN_")}
    assert connections == {
        "AIRFLOW_CONN_REGISTRY_DB",
        "AIRFLOW_CONN_REGISTRY_EXAMPLES_DB",
        "AIRFLOW_CONN_NOTIFICATIONS",
    }
    assert not [name for name in server.environment if name.startswith(("PIPELINE_EXAMPLES_", "PIPELINE_PREPARED_"))]
    assert set(server.volumes) == {"/opt/airflow/logs"}


def test_tasks_and_readers_have_servers_of_their_own(services: dict[str, Service]) -> None:
    halves = {name: services[name].command[-1] for name in ("execution-api", "api-server")}
    assert halves == {"execution-api": "execution", "api-server": "core"}
    port = services["execution-api"].environment["AIRFLOW__API__PORT"]
    for service in services.values():
        url = service.environment.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL")
        assert url in (None, f"http://execution-api:{port}/execution/")
    # the Execution API needs no model, no example and no key
    assert not {
        name for name in services["execution-api"].environment if name.startswith(("AIRFLOW_CONN_", "PIPELINE_"))
    }


def test_each_server_has_more_sessions_than_threads_and_no_other_service_has(services: dict[str, Service]) -> None:
    names = ("AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE", "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW")
    for name, service in services.items():
        sessions = sum(int(service.environment.get(each, 0)) for each in names)
        assert sessions > 40 if name in ("execution-api", "api-server") else sessions == 0, name
        assert not sessions or {each: service.environment[each] for each in names} == SESSIONS


def test_postgresql_takes_the_connections_of_all_servers_and_of_32_workers(services: dict[str, Service]) -> None:
    processes = {
        name: int(services[name].environment["AIRFLOW__API__WORKERS"]) for name in ("execution-api", "api-server")
    }
    pools = 2 * sum(map(int, SESSIONS.values())) * sum(processes.values())
    registry = MOST_REQUESTS * processes["api-server"]
    [allowed] = [word.partition("=")[2] for word in services["postgres"].command if word.startswith("max_connections=")]

    assert pools + registry + 2 * 32 + 36 <= int(allowed)


def test_each_service_connects_as_its_own_role(services: dict[str, Service]) -> None:
    address = re.compile(r"postgresql\S*://(\w+):\w+@postgres:5432/(\w+)")
    found = {
        name: {pair for value in service.environment.values() for pair in address.findall(value)}
        for name, service in services.items()
    }

    tasks, owner = {("tasks", "examples"), ("tasks", "models")}, {("owner", "examples"), ("owner", "models")}
    airflow, celery = {("airflow", "airflow")}, {("celery", "celery")}
    assert {name: pairs for name, pairs in found.items() if pairs} == {
        "migrate": owner | airflow | celery | {("pipeline", "postgres")},
        "api-server": airflow | {("registry", "examples"), ("registry", "models")},
        "execution-api": airflow,
        "settings": owner,
        "scheduler": airflow | celery,
        "dag-processor": airflow,
        "worker": tasks | celery,
        "worker-light": tasks | celery,
        "pipeline": owner,
        "service": {("service", "models")},
    }


def test_a_role_has_one_password_wherever_it_is_named(services: dict[str, Service]) -> None:
    address = re.compile(r"postgresql\S*://(\w+):(\w+)@")
    pairs = {
        pair
        for service in services.values()
        for value in service.environment.values()
        for pair in address.findall(value)
    }
    given = services["migrate"].environment
    pairs |= {(name, given[f"PIPELINE_{name.upper()}_PASSWORD"]) for name in ("tasks", "registry", "service")}

    assert len(pairs) == len({role for role, _ in pairs}) == 7
    assert len({password for _, password in pairs}) == 7


def test_secrets_that_an_earlier_version_did_not_have_are_added(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# mine\nPOSTGRES_PASSWORD=kept\nWORKERS=8")
    command = [sys.executable, str(ROOT / "deploy/make_env.py"), str(file)]

    first = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    file.write_text(first)
    second = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    lines = first.splitlines()
    assert lines[:3] == ["# mine", "POSTGRES_PASSWORD=kept", "WORKERS=8"]
    assert {line.partition("=")[0] for line in lines[1:]} == {*make_variables(), "WORKERS"}
    assert second == first


def test_all_workers_that_train_share_what_they_prepare(services: dict[str, Service]) -> None:
    holders = {name for name, service in services.items() if PREPARED_STORE in service.environment}
    assert holders == {name for name, service in services.items() if "/opt/airflow/prepared" in service.volumes}
    assert {"worker", "pipeline"} <= holders
    assert {services[name].environment[PREPARED_STORE] for name in holders} == {"file:///opt/airflow/prepared"}


def test_no_task_sees_airflows_own_secrets(services: dict[str, Service]) -> None:
    for name in ("worker", "worker-light", "settings", "pipeline"):
        assert not set(METADATA_SECRETS) & set(services[name].environment), name
    for name in ("execution-api", "api-server", "scheduler", "dag-processor", "migrate"):
        assert set(METADATA_SECRETS) <= set(services[name].environment), name


def test_all_data_that_must_survive_is_in_a_named_volume(content: dict[str, Any]) -> None:
    assert set(content["volumes"]) == {"postgres", "rabbitmq", "logs", "keys", "prepared", "service"}
    mounted = {volume.split(":")[0] for block in content["services"].values() for volume in block.get("volumes", ())}
    assert mounted == {*content["volumes"], "./deploy/rabbitmq.conf"}
    assert content["services"]["rabbitmq"]["hostname"], "its data is filed under the host's name"


def test_the_image_is_airflows_own_of_the_pinned_version() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    locked = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements-scaled.lock").read_text(), re.MULTILINE)
    assert locked is not None
    assert re.search(rf"^FROM apache/airflow:slim-{re.escape(locked[1])}-python3\.1[123] ", dockerfile, re.MULTILINE)
    assert re.findall(r"^FROM \S+ AS (\w+)", dockerfile, re.MULTILINE)[-1] == "platform", "the last is what is built"


def test_the_image_gets_every_file_it_copies_and_nothing_else() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = {
        source
        for line in re.findall(r"^COPY (?:--chown=\S+ )?([^-].*) \S+$", dockerfile, re.MULTILINE)
        for source in line.split()
    }
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert all((ROOT / source).exists() for source in copied)
    assert {line.removeprefix("!") for line in ignore if line.startswith("!")} == copied
    assert "*" in ignore


def test_the_image_has_the_versions_of_every_other_installation() -> None:
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[^\s;]+", (ROOT / name).read_text(), re.MULTILINE))

    whole = versions("requirements.lock")
    assert len(whole) > 100
    assert versions("requirements-service.lock") <= whole
    assert whole <= versions("requirements-scaled.lock")
