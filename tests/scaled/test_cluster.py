"""Every service of docker-compose.yaml at work, without containers: its own command, environment and health check."""

import json
import re

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

    assert {"airflow", "celery"} <= used <= {"airflow", "celery", "owner", "registry", "tasks"}
    assert superusers == []


def test_the_api_server_serves_the_registry_with_its_own_role(cluster: Cluster, trained: str) -> None:
    headers = {"Authorization": f"Bearer {cluster.airflow.token}"}
    found = httpx.get(f"{cluster.url}/registry/models", params={"run": trained}, headers=headers).json()
    label = found["items"][0]["label"]
    alias = f"{cluster.url}/registry/aliases/champion"

    moved = httpx.put(alias, json={"model": label, "reason": "a test"}, headers=headers)
    removed = httpx.delete(alias, params={"reason": "a test"}, headers=headers)

    assert (moved.status_code, removed.status_code) == (200, 204), moved.text


def test_a_worker_cannot_open_airflows_database(cluster: Cluster) -> None:
    for name in ("worker", "worker-light"):
        for value in cluster.environ_of(name).values():
            for address in re.findall(r"postgresql\S*(://\S+)/\w+", value):
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    psycopg.connect(f"postgresql{address}/airflow")


def test_starting_again_changes_nothing(cluster: Cluster, trained: str) -> None:
    for name in ("migrate", "settings"):
        container = cluster.containers[name]
        container.start()
        assert container.wait() == 0, container.tail()
    assert cluster.run("runs", "show", trained).returncode == 0
    assert "unchanged" in cluster.containers["settings"].log.read_text()
