"""What has to be true of a deployment in the end, whatever was done to it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg

from chaos.conftest import CONSUMER, Diary
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from scaled.cluster import Cluster

_SETTLED_SECONDS = 180

MODELS = "SELECT label, version FROM models WHERE run_id = %(run_id)s"
UNANNOUNCED = """
SELECT label FROM models LEFT JOIN notifications USING (model_id)
WHERE run_id = %(run_id)s AND published_at IS NULL
"""
STATES = "SELECT state, count(*) FROM definitions WHERE run_id = %(run_id)s GROUP BY state"
CONNECTIONS = """
SELECT datname, state, count(*) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1, 2
"""
TASK_STATES = """
SELECT state, count(*) FROM task_instance
WHERE state IS NULL OR state NOT IN ('success', 'failed', 'skipped') GROUP BY state
"""

TRIES = "SELECT count(*) FILTER (WHERE try_number > 1), max(try_number) FROM task_instance WHERE run_id = %s"


def wait_for_end(cluster: Cluster, diary: Diary, run_id: str, seconds: float = 900) -> str:
    """Return the state in which a run ends."""
    wait_until(lambda: cluster.airflow.get_run_state(run_id) in ("success", "failed"), seconds, "the run's end")
    state = cluster.airflow.get_run_state(run_id)
    with psycopg.connect(cluster.postgres.url("airflow")) as connection:
        again, most = connection.execute(TRIES, [run_id]).fetchone() or (0, 0)
    trained = diary.count_trained(run_id)
    diary.note(
        f"run {run_id} ended: {state}, {trained} trained; {again} tasks took more than one try, one of them {most}"
    )
    return state


def assert_each_is_stored_once(diary: Diary, run_id: str, count: int, version: int = 1) -> None:
    """Fail unless a run's models are `count` labels, each stored once, and the ledger says the same."""
    models = diary.rows(MODELS, run_id=run_id)
    assert len(models) == len({label for label, _ in models}) == count
    assert {found for _, found in models} == {version}
    run = Ledger(diary.models_db).get_run(run_id)
    assert run["trained"] == count
    assert run["closed_at"] is not None
    assert sum(run[state] for state in FINAL_STATES) == run["permutations"]
    diary.note(f"run {run_id}: {count} labels stored, each once; the ledger adds up")


def assert_each_is_announced(cluster: Cluster, diary: Diary, *run_ids: str) -> None:
    """Fail unless every label of some runs came at least once to every consumer. Takes all messages there are."""
    labels = {}
    for run_id in run_ids:
        assert diary.rows(UNANNOUNCED, run_id=run_id) == []
        labels[run_id] = {label for label, _ in diary.rows(MODELS, run_id=run_id)}
    for queue in ((), ("--queue", CONSUMER)):
        taken = cluster.run("notifications", "consume", "--timeout", "3", *queue)
        assert taken.returncode == 0, taken.stderr
        messages = [json.loads(line) for line in taken.stdout.splitlines()]
        to = queue or "the default queue"
        for run_id in run_ids:
            came = [message["label"] for message in messages if message["run"] == run_id]
            assert set(came) == labels[run_id], queue
            diary.note(f"run {run_id}: {len(set(came))} labels announced in {len(came)} messages to {to}")


def assert_nothing_is_left(cluster: Cluster, diary: Diary, idle_processes: dict[str, int]) -> None:
    """Fail unless no task, message, process or connection of a run is left."""
    with psycopg.connect(cluster.postgres.url("airflow")) as connection:
        assert connection.execute(TASK_STATES).fetchall() == []
    wait_until(lambda: count_processes(cluster) == idle_processes, _SETTLED_SECONDS, "orphans to end")
    wait_until(lambda: _messages_left(cluster) == 0, _SETTLED_SECONDS, "queues to be empty")
    wait_until(lambda: not _connections_left(cluster), _SETTLED_SECONDS, "connections to be closed")
    wait_until(
        lambda: len(cluster.rabbitmq.list_connections()) == _broker_sockets(cluster),
        _SETTLED_SECONDS,
        "the broker to have connections of living processes only",
    )
    diary.note(
        "no task queued or running, no message, no orphan, no connection to examples or models, "
        f"{_broker_sockets(cluster)} connections to the broker, all of living services"
    )


def count_processes(cluster: Cluster) -> dict[str, int]:
    """Return how many processes each container has."""
    return {name: len(container.processes()) for name, container in cluster.containers.items()}


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Return once something holds; errors on the way, such as a server that is away, are no answer."""
    deadline = time.monotonic() + seconds
    error: Exception | None = None
    while True:
        try:
            if holds():
                return
        except Exception as caught:  # noqa: BLE001 - told when it stays
            error = caught
        assert time.monotonic() < deadline, f"waited {seconds} s for {what} ({error})"
        time.sleep(1)


def _messages_left(cluster: Cluster) -> int:
    return sum(
        queue["messages_ready"] + queue["messages_unacknowledged"]
        for queue in cluster.rabbitmq.list_queues()
        if queue["name"] in ("training", "default")
    )


def _connections_left(cluster: Cluster) -> dict[str, int]:
    """Return how many connections each database has beside those that services keep open."""
    with psycopg.connect(cluster.postgres.url("postgres")) as connection:
        rows = connection.execute(CONNECTIONS).fetchall()
    assert not [row for row in rows if row[1] and row[1].startswith("idle in transaction")], rows
    left: Counter[str] = Counter()
    for name, _, count in rows:
        left[name] += count
    # Airflow's components keep pools of connections, also to the results of Celery
    del left["airflow"], left["celery"]
    left["models"] -= len(cluster.containers_of("service"))  # each keeps one, to look for moved aliases
    return {name: count for name, count in left.items() if count > 0}


def _broker_sockets(cluster: Cluster) -> int:
    count = 0
    for container in cluster.containers.values():
        for process in container.processes():
            with suppress(psutil.Error):
                count += sum(
                    connection.status == psutil.CONN_ESTABLISHED and connection.raddr.port in cluster.broker_ports
                    for connection in process.net_connections("tcp")
                )
    return count
