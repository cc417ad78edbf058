"""The classification service in docker-compose.yaml and in deploy/service.yaml, as far as reading them tells."""

import re
from typing import Any

import pytest
import yaml

from pipeline.environment import ConnectionUrls
from pipeline.environment import Service as Settings
from scaled.compose import COMPOSE_FILE, ROOT, Service, make_variables, read_compose

CONNECTIONS = {"AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_NOTIFICATIONS"}
SECRET = "pipeline-service"
FOLDER = "/var/lib/pipeline"


@pytest.fixture(scope="module")
def block() -> dict[str, Any]:
    """What docker-compose.yaml says of the service."""
    read: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["service"]
    return read


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The Deployment and the Service of deploy/service.yaml by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all((ROOT / "deploy/service.yaml").read_text())}


@pytest.fixture(scope="module")
def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = manifest["Deployment"]["spec"]["template"]["spec"]
    return read


@pytest.fixture(scope="module")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    [only] = pod["containers"]
    read: dict[str, Any] = only
    return read


def test_it_has_the_models_and_the_queue_and_nothing_else(services: dict[str, Service]) -> None:
    own = services["service"]
    assert set(ConnectionUrls.names()) > CONNECTIONS
    assert CONNECTIONS < set(own.environment) < CONNECTIONS | set(Settings.names())
    assert all("/models" in own.environment[name] for name in CONNECTIONS if name.endswith("_DB"))
    assert own.volumes == {FOLDER: "service"}
    assert [name for name, each in services.items() if "service" in each.volumes.values()] == ["service"]


def test_its_settings_are_read_as_they_are_meant(services: dict[str, Service]) -> None:
    settings = Settings.read(services["service"].environment)
    assert (settings.models, settings.workers, settings.port) == ("@champion", 2, 8090)
    assert str(settings.folder).startswith(FOLDER)
    assert str(settings.keys_file).startswith(FOLDER)


def test_its_size_and_what_it_serves_are_chosen_in_the_env_file() -> None:
    chosen = {"SERVICE_MODELS": "@new,@old", "SERVICE_WORKERS": "8", "SERVICE_MEMORY": "6g", "SERVICE_TOKENS": "a,b"}
    service = read_compose(make_variables(**chosen))["service"]
    settings = Settings.read(service.environment)
    assert (settings.models, settings.workers, settings.tokens) == ("@new,@old", 8, "a,b")
    assert service.memory_bytes == 6 * 2**30


def test_it_waits_for_nothing_and_no_service_waits_for_it(services: dict[str, Service]) -> None:
    assert services["service"].depends_on == {}
    assert [name for name, each in services.items() if "service" in each.depends_on] == []


def test_its_image_is_the_small_one_and_nothing_in_it_is_written(block: dict[str, Any]) -> None:
    assert block["build"] == {"context": ".", "target": "service"}
    stage = re.search(r"^FROM .* AS service\n(.*?)^FROM ", (ROOT / "Dockerfile").read_text(), re.DOTALL | re.MULTILINE)
    assert stage is not None
    assert f"--mode 0700 {FOLDER}" in stage[1]
    assert f"PIPELINE_HOME={FOLDER}" in stage[1]
    assert block["read_only"] is True
    assert block["cap_drop"] == ["ALL"]


def test_more_than_one_container_can_be_started(block: dict[str, Any]) -> None:
    assert block["scale"] == "${SERVICES:-1}"
    assert "container_name" not in block
    assert block["ports"] == ["${SERVICE_BIND:-127.0.0.1:8090}:8090"], "a range, if there are several containers"


def test_the_manifest_runs_what_compose_runs(container: dict[str, Any], services: dict[str, Service]) -> None:
    theirs = services["service"]
    given = {each["name"]: each.get("value") for each in container["env"]}

    assert ["pipeline", *container["args"]] == theirs.command
    assert set(given) == set(theirs.environment)
    assert {name for name, value in given.items() if value is None} == {*CONNECTIONS, "PIPELINE_SERVICE_TOKENS"}
    assert all(value == theirs.environment[name] for name, value in given.items() if value is not None)
    assert container["livenessProbe"]["exec"]["command"] == theirs.health
    assert int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 2**30 == theirs.memory_bytes


def test_the_manifest_takes_one_secret_whose_keys_are_the_names_of_the_variables(container: dict[str, Any]) -> None:
    secrets = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"] if "valueFrom" in each}
    assert secrets == {name: {"name": SECRET, "key": name} for name in secrets}
    guide = (ROOT / "docs/kubernetes.md").read_text()
    command = re.search(rf"kubectl create secret generic {SECRET} \\\n((?:  .*\n)+)", guide)
    assert command is not None
    assert set(re.findall(r"--from-literal=(\w+)=", command[1])) == set(secrets)


def test_every_probe_asks_with_the_token_and_no_http_probe_does_without(container: dict[str, Any]) -> None:
    probes = {name: probe["exec"]["command"] for name, probe in container.items() if name.endswith("Probe")}
    questions = {name: command[-1] for name, command in probes.items()}
    assert questions == {"startupProbe": "alive", "readinessProbe": "ready", "livenessProbe": "alive"}
    assert {tuple(command[:-1]) for command in probes.values()} == {("pipeline", "serve", "--check")}


def test_the_manifest_keeps_documents_where_they_are_written(pod: dict[str, Any], container: dict[str, Any]) -> None:
    [mount] = container["volumeMounts"]
    [volume] = pod["volumes"]
    assert mount == {"name": volume["name"], "mountPath": FOLDER}
    # with a group of its own, Kubernetes would let that group read the keys, and the service refuses such a file
    assert "fsGroup" not in pod.get("securityContext", {})
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    uid = re.search(r"--uid (\d+) --gid 0", (ROOT / "Dockerfile").read_text())
    assert uid is not None
    assert container["securityContext"]["runAsUser"] == int(uid[1])


def test_its_name_sets_no_variable_of_the_product_in_other_pods(manifest: dict[str, Any], pod: dict[str, Any]) -> None:
    name = manifest["Service"]["metadata"]["name"].upper().replace("-", "_")
    assert not {f"{name}_SERVICE_HOST", f"{name}_SERVICE_PORT", f"{name}_PORT"} & set(Settings.names())
    assert pod["enableServiceLinks"] is False
    labels = manifest["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert manifest["Service"]["spec"]["selector"].items() <= labels.items()
