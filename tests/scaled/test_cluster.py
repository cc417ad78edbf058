"""Every service of docker-compose.yaml at work, without containers: its own command, environment and health check."""

import json
import re
import subprocess
import time

import httpx
import psycopg
import pytest

from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from scaled.cluster import Cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PLAN = "include/plans/demo.json"


@pytest.fixture(scope="module")
def trained(cluster: Cluster) -> str:
    """The run of the demo plan, trained on two workers."""
    loaded = cluster.run("examples", "demo")
    assert loaded.returncode == 0, loaded.stderr
    done = cluster.run("train", PLAN, "--follow", "--json")
    assert done.returncode == 0, done.stderr + cluster.containers["worker-1"].tail()
    return str(json.loads(done.stdout)["run"])


def check(cluster: Cluster, question: str) -> subprocess.CompletedProcess[str]:
    """Run the command that says whether the service is alive, or ready, in its own environment."""
    service = cluster.services["service"]
    assert service.health is not None
    command = [*service.health[:-1], question]
    environ = cluster.environ_of("service")
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def ask_service(cluster: Cluster, method: str, path: str, body: object = None) -> httpx.Response:
    """Return what the service answers, asked with its token."""
    headers = {"Authorization": f"Bearer {cluster.variables['SERVICE_TOKENS']}"}
    return httpx.request(method, cluster.service_url + path, json=body, headers=headers, timeout=60, trust_env=False)


def wait_until_served(cluster: Cluster, label: str, version: int) -> None:
    """Return once the service answers with a version; the time out only ends a test that has failed."""
    deadline = time.monotonic() + 120
    shown = None
    while shown != (label, version):
        assert time.monotonic() < deadline, f"{shown}\n{cluster.containers['service'].tail()}"
        time.sleep(0.2)
        try:
            [model] = ask_service(cluster, "GET", "/v1/models").json()
            shown = model["label"], model["version"]
        except httpx.TransportError:  # it restarts
            shown = None


def test_a_plan_is_trained_stored_and_announced(cluster: Cluster, trained: str) -> None:
    run = Ledger(Database.from_url("models_db", cluster.postgres.url("models"))).get_run(trained)
    announced = cluster.run("notifications", "consume", "--timeout", "5").stdout.splitlines()

    assert (run["trained"], run["permutations"]) == (8, 8)
    assert run["closed_at"] is not None
    assert len({json.loads(line)["label"] for line in announced}) == 8


def test_both_training_workers_trained_and_no_other(cluster: Cluster, trained: str) -> None:
    path = f"/api/v2/dags/train_classifiers/dagRuns/{trained}/taskInstances?task_id_pattern=train&limit=100"
    status, answer = cluster.airflow.call("GET", path)

    assert status == 200
    assert {instance["queue"] for instance in answer["task_instances"] if instance["task_id"] == "train"} == {
        "training"
    }
    for name in ("worker-1", "worker-2"):
        assert "Executing workload" in cluster.containers[name].log.read_text(), name


def test_definitions_travel_on_durable_quorum_queues(cluster: Cluster, trained: str) -> None:
    queues = {queue["name"]: queue for queue in cluster.rabbitmq.list_queues()}

    for name in ("training", "default", "pipeline.notifications"):
        assert (queues[name]["type"], queues[name]["durable"]) == ("quorum", True), (name, trained)


def test_secrets_stay_out_of_every_log(cluster: Cluster, trained: str) -> None:
    del trained
    logs = "".join(container.log.read_text(errors="replace") for container in cluster.containers.values())
    for name, value in cluster.variables.items():
        assert value not in logs, name


def test_pages_are_for_those_who_log_in(cluster: Cluster) -> None:
    headers = {"Authorization": f"Bearer {cluster.airflow.token}"}

    for path in ("/reference/", "/api/v2/dags/train_classifiers"):
        assert httpx.get(cluster.url + path).status_code in (401, 403), path
        assert httpx.get(cluster.url + path, headers=headers).status_code == 200, path


def test_no_service_connects_as_the_superuser(cluster: Cluster, trained: str) -> None:
    del trained
    query = (
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'pipeline'"
    )
    others = query.replace("<>", "=") + " AND pid <> pg_backend_pid()"
    with psycopg.connect(cluster.postgres.url("postgres")) as connection:
        used = {name for (name,) in connection.execute(query)}
        superusers = connection.execute(others).fetchall()

    assert {"airflow", "celery"} <= used <= {"airflow", "celery", "owner", "registry", "service", "tasks"}
    assert superusers == []


def test_the_api_server_serves_the_registry_with_its_own_role(cluster: Cluster, trained: str) -> None:
    headers = {"Authorization": f"Bearer {cluster.airflow.token}"}
    found = httpx.get(f"{cluster.url}/registry/models", params={"run": trained}, headers=headers).json()
    label = found["items"][0]["label"]
    alias = f"{cluster.url}/registry/aliases/runner-up"

    moved = httpx.put(alias, json={"model": label, "reason": "a test"}, headers=headers)
    removed = httpx.delete(alias, params={"reason": "a test"}, headers=headers)

    assert (moved.status_code, removed.status_code) == (200, 204), moved.text


def test_a_worker_cannot_open_airflows_database(cluster: Cluster) -> None:
    for name in ("worker", "worker-light"):
        for value in cluster.environ_of(name).values():
            for address in re.findall(r"postgresql\S*(://\S+)/\w+", value):
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    psycopg.connect(f"postgresql{address}/airflow")


def test_the_service_answers_with_the_model_that_an_alias_points_at(cluster: Cluster, trained: str) -> None:
    headers = {"Authorization": f"Bearer {cluster.airflow.token}"}
    found = httpx.get(f"{cluster.url}/registry/models", params={"run": trained}, headers=headers).json()["items"]
    label, version = found[-1]["label"], found[-1]["version"]
    alias = f"{cluster.url}/registry/aliases/champion"
    moved = httpx.put(alias, json={"model": label, "reason": "a test"}, headers=headers)
    assert moved.status_code == 200, moved.text

    wait_until_served(cluster, label, version)
    anonymous = httpx.post(f"{cluster.service_url}/v1/classify", json={"text": "the orbit"}, trust_env=False)
    assert anonymous.status_code == 401
    answer = ask_service(cluster, "POST", "/v1/classify", {"texts": ["the orbit", "a used car"]}).json()

    assert (answer["model"], answer["label"], answer["version"]) == ("@champion", label, version)
    assert len(answer["items"]) == 2
    assert check(cluster, "ready").returncode == 0
    kept = {path.name: path for path in (cluster.folder / "volumes/service").rglob("*") if path.is_file()}
    assert len(kept) == 2, "one document, and the keys"
    assert kept["service.keys"].stat().st_mode & 0o077 == 0

    cluster.containers["service"].kill()
    wait_until_served(cluster, label, version)
    assert cluster.containers["service"].starts == 2


def test_starting_again_changes_nothing(cluster: Cluster, trained: str) -> None:
    for name in ("migrate", "settings"):
        container = cluster.containers[name]
        container.start()
        assert container.wait() == 0, container.tail()
    assert cluster.run("runs", "show", trained).returncode == 0
    assert "unchanged" in cluster.containers["settings"].log.read_text()
