"""What deploy/helm-values.yaml says agrees with docker-compose.yaml and the image, as far as reading tells."""

import re
from typing import Any

import pytest
import yaml

from pipeline.deployment.airflow_settings import read_tuning
from pipeline.deployment.programs import SESSIONS
from pipeline.environment import PostgresRoles
from scaled.compose import METADATA_SECRETS, ROOT, Service

GUIDE = ROOT / "docs/kubernetes.md"
# set of workers -> service of docker-compose.yaml
WORKERS = {"training": "worker", "light": "worker-light"}
STORE = {"PIPELINE_PREPARED_STORE", "PIPELINE_PREPARED_LIMIT_MB"}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "deploy/helm-values.yaml").read_text())
    return read


def list_secrets(node: Any) -> set[str]:
    """Return the name of every Secret that the values refer to."""
    if isinstance(node, dict):
        own = {node["secretKeyRef"]["name"]} if "secretKeyRef" in node else set()
        own |= {value for key, value in node.items() if key.endswith("SecretName") and value}
        return own.union(*(list_secrets(value) for value in node.values()))
    return set().union(*(list_secrets(item) for item in node)) if isinstance(node, list) else set()


def names_of(env: list[dict[str, Any]]) -> set[str]:
    return {variable["name"] for variable in env}


def worker_set(values: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in values["workers"]["celery"]["sets"] if each["name"] == name)
    return found


def flags_of(command: str) -> set[str]:
    return set(re.findall(r"--[a-z-]+(?: (?![-])\S+)?", command.partition("airflow celery worker")[2]))


def test_the_image_is_of_the_dockerfiles_airflow(values: dict[str, Any]) -> None:
    tag = re.search(r"^FROM apache/airflow:(\S+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert tag is not None
    assert values["defaultAirflowTag"] == tag[1]
    assert f"-{values['airflowVersion']}-" in tag[1]
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
    assert f":-{values['images']['airflow']['repository']}}}" in compose["x-airflow"]["image"]


def test_what_every_component_is_told_is_the_same(values: dict[str, Any], services: dict[str, Service]) -> None:
    environment = services["scheduler"].environment
    assert environment["AIRFLOW__CORE__EXECUTOR"] == values["executor"]
    for option in ("dags_folder", "plugins_folder", "auth_manager", "parallelism"):
        assert str(values["config"]["core"][option]) == environment[f"AIRFLOW__CORE__{option.upper()}"], option
    assert str(values["config"]["api"]["workers"]) == services["api-server"].environment["AIRFLOW__API__WORKERS"]


def test_nothing_that_is_set_here_is_overruled_by_the_tuning(values: dict[str, Any]) -> None:
    tuning = read_tuning()
    for section, options in values["config"].items():
        for option in options:
            assert f"AIRFLOW__{section.upper()}__{option.upper()}" not in tuning


@pytest.mark.parametrize(("name", "service"), WORKERS.items())
def test_workers_are_those_of_compose(
    values: dict[str, Any], services: dict[str, Service], name: str, service: str
) -> None:
    chosen, theirs = worker_set(values, name), services[service]
    command = chosen["args"][-1]
    flags = flags_of(theirs.command[-1].replace("\n", " "))
    # the chart's own probe asks for the name that Celery takes by itself
    assert {flag for flag in flags if not flag.startswith("--celery-hostname")} <= flags_of(command)
    assert f"--queues {chosen['queue']} " in command
    memory = int(chosen["resources"]["limits"]["memory"].removesuffix("Gi")) * 2**30
    assert memory == theirs.memory_bytes
    assert chosen["terminationGracePeriodSeconds"] == theirs.stop_seconds


def test_workers_take_as_many_definitions_at_once_as_those_of_compose(
    values: dict[str, Any], services: dict[str, Service]
) -> None:
    concurrency = {
        service: services[service].environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"] for service in WORKERS.values()
    }
    assert concurrency["worker"] == str(values["config"]["celery"]["worker_concurrency"]) == "1"
    assert "--concurrency" not in worker_set(values, "training")["args"][-1]
    assert f"--concurrency {concurrency['worker-light']} " in worker_set(values, "light")["args"][-1]


def test_queues_are_those_that_the_dag_names(values: dict[str, Any]) -> None:
    queues = set(re.findall(r'queue="(\w+)"', (ROOT / "dags/train_classifiers.py").read_text())) | {"default"}
    assert {each["queue"] for each in values["workers"]["celery"]["sets"]} == queues


def test_only_trainings_hold_the_keys_of_examples(values: dict[str, Any]) -> None:
    connections = {"AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_NOTIFICATIONS"}
    assert names_of(worker_set(values, "training")["env"]) == connections | STORE | {"PIPELINE_EXAMPLES_KEYS"}
    assert names_of(worker_set(values, "light")["env"]) == connections
    assert names_of(values["migrateDatabaseJob"]["env"]) == connections | set(PostgresRoles.names())
    assert connections < names_of(values["createUserJob"]["env"])


def test_the_api_server_has_the_registrys_connections_and_no_keys(values: dict[str, Any]) -> None:
    server = values["apiServer"]
    connections = {"AIRFLOW_CONN_REGISTRY_DB", "AIRFLOW_CONN_REGISTRY_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS"}
    assert names_of(server["env"]) == {*connections, *SESSIONS}
    assert not {name for name in server if name.startswith("extra")}
    # what would be given to every component
    assert not {"env", "secret", "extraSecrets", "volumes", "volumeMounts"} & set(values)
    assert "secret" not in values["extraEnvFrom"].lower()


def test_tasks_and_readers_have_servers_of_their_own(values: dict[str, Any], services: dict[str, Service]) -> None:
    deployment, service = yaml.safe_load_all((ROOT / "deploy/execution-api.yaml").read_text())
    pod = deployment["spec"]["template"]
    [container] = pod["spec"]["containers"]
    given = {each["name"]: each.get("value") for each in container["env"]}
    theirs = services["execution-api"]

    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    [port] = [each["port"] for each in service["spec"]["ports"]]
    name = service["metadata"]["name"].removeprefix("airflow")
    url = values["config"]["core"]["execution_api_server_url"]
    assert url == f"http://{{{{ .Release.Name }}}}{name}:{port}/execution/"
    assert f"--port {port}" in container["args"][-1]
    assert container["args"][-1].startswith(f"exec {' '.join(theirs.command)} ")
    assert values["apiServer"]["args"][-1] == f"exec {' '.join(services['api-server'].command)}"
    assert container["image"].partition(":")[0] == values["images"]["airflow"]["repository"]
    assert int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 2**30 == theirs.memory_bytes
    # it needs no model, no example and no key
    assert set(given) == {*METADATA_SECRETS, *SESSIONS, "AIRFLOW__CORE__EXECUTOR", "AIRFLOW__API__WORKERS"} - {
        "AIRFLOW__API__SECRET_KEY"
    }
    assert all(value == theirs.environment[each] for each, value in given.items() if value is not None)
    assert list_secrets(deployment) <= list_secrets(values)
    assert {each["name"]: each["value"] for each in values["apiServer"]["env"] if "value" in each} == SESSIONS


def test_only_migrations_and_commands_have_the_owners_connections(values: dict[str, Any]) -> None:
    def secrets_of(node: Any) -> set[str]:
        return list_secrets(node) & {"pipeline-owner", "pipeline-connections", "pipeline-registry", "pipeline-roles"}

    assert secrets_of(values["workers"]) == {"pipeline-connections"}
    assert secrets_of(values["apiServer"]) == {"pipeline-registry", "pipeline-connections"}
    assert secrets_of(values["migrateDatabaseJob"]) == {"pipeline-owner", "pipeline-connections", "pipeline-roles"}
    assert secrets_of(values["createUserJob"]) == {"pipeline-owner", "pipeline-connections"}
    assert secrets_of({key: values[key] for key in ("scheduler", "dagProcessor")}) == set()


@pytest.mark.parametrize("name", WORKERS)
def test_no_task_sees_airflows_own_secrets(values: dict[str, Any], name: str) -> None:
    removed = set(re.findall(r"--unset=(\w+)", worker_set(values, name)["args"][-1]))
    built_in = values["enableBuiltInSecretEnvVars"]
    assert removed == set(METADATA_SECRETS)
    assert not removed & {variable for variable, is_on in built_in.items() if not is_on}


def test_every_secret_volume_and_configmap_is_made_in_the_guide(values: dict[str, Any]) -> None:
    guide = GUIDE.read_text()
    names = list_secrets(values) | {values["logs"]["persistence"]["existingClaim"]}
    names |= set(re.findall(r"name: (\S+)", values["extraEnvFrom"]))
    assert len(names) > 8
    for name in names:
        assert re.search(rf"\b{name}\b", guide), name


def test_the_guides_own_pod_is_a_pod_of_our_image(values: dict[str, Any]) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    pod = next(content for content in map(yaml.safe_load, blocks) if content.get("kind") == "Pod")
    container = pod["spec"]["containers"][0]
    assert values["images"]["airflow"]["repository"] in container["image"]
    assert re.fullmatch(r".+/classifier-pipeline:\S+", container["image"])
    assert list_secrets(container) <= list_secrets(values)
    assert names_of(container["env"]) == names_of(worker_set(values, "training")["env"]) - STORE | {
        "PIPELINE_AIRFLOW_URL",
        "PIPELINE_AIRFLOW_USERNAME",
        "PIPELINE_AIRFLOW_PASSWORD",
    }
