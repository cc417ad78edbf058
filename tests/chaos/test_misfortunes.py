"""A broker that is away when labels are to be announced; a definition that no worker survives beside two runs."""

import pytest

from chaos.conftest import DEFINITIONS, OTHERS, Diary, make_plan
from chaos.outcome import (
    UNANNOUNCED,
    assert_each_is_announced,
    assert_nothing_is_left,
    count_processes,
    wait_for_end,
    wait_until,
)
from factories import list_labels
from holding import held
from pipeline.stores.models.ledger import Ledger
from scaled.cluster import Cluster

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3000)]

# 200 texts of so many words with so many numbers each: 2.4 GB, and a worker here may take one.
GREEDY = {"name": "Word2VecAdapter", "options": {"sequence_length": [10_000], "vector_size": [300], "epochs": [1]}}
# `train` is tried once, and three times more.
TRIES = 4

DOCUMENTS = "SELECT label, encode(document_sha256, 'hex') FROM models WHERE run_id = %(run_id)s ORDER BY label"
GREEDY_ONES = """
SELECT label, error FROM definitions
WHERE run_id = %(run_id)s AND state = 'failed' AND definition #>> '{adapter,name}' = 'Word2VecAdapter'
"""


def notify_states(cluster: Cluster, run_id: str) -> tuple[str, int]:
    path = f"/api/v2/dags/train_classifiers/dagRuns/{run_id}/taskInstances/notify"
    _, answer = cluster.airflow.call("GET", path)
    return str(answer["state"]), int(answer["try_number"])


def test_labels_arrive_when_the_broker_returns(cluster: Cluster, diary: Diary) -> None:
    idle = count_processes(cluster)
    cluster.notifications_proxy.refuse()
    diary.note("notifications: the broker refuses connections")
    run_id = cluster.airflow.trigger(make_plan(8))
    wait_until(lambda: notify_states(cluster, run_id)[1] >= 3, 300, "notify to try in vain")
    assert diary.count_trained(run_id) == 8
    assert notify_states(cluster, run_id)[0] != "success"

    diary.note(f"notifications: the broker is back, after {notify_states(cluster, run_id)[1]} tries")
    cluster.notifications_proxy.accept()

    assert wait_for_end(cluster, diary, run_id) == "success"
    assert_each_is_announced(cluster, diary, run_id)
    assert_nothing_is_left(cluster, diary, idle)


def test_labels_arrive_when_rabbitmq_is_down_at_the_end_of_a_run(cluster: Cluster, diary: Diary) -> None:
    idle = count_processes(cluster)
    plan = make_plan(12)
    *_, last = list_labels(plan)
    with held(diary.models_db, [last]):
        run_id = cluster.airflow.trigger(plan)
        diary.wait_for_trained(run_id, 11)
        diary.wait_for_training(run_id, 1)
        diary.note("kill -9 RabbitMQ with one definition in training")
        cluster.rabbitmq.kill()
    diary.wait_for_trained(run_id, 12)
    assert (last,) in diary.rows(UNANNOUNCED, run_id=run_id)
    cluster.rabbitmq.start()

    assert wait_for_end(cluster, diary, run_id) == "success"
    assert_each_is_announced(cluster, diary, run_id)
    assert_nothing_is_left(cluster, diary, idle)


def test_a_definition_that_kills_every_worker_fails_alone_while_two_runs_of_one_plan_train_each_label(
    cluster: Cluster, diary: Diary
) -> None:
    """The tries of the one take minutes, mostly of waiting; the other two runs have the workers meanwhile."""
    idle = count_processes(cluster)
    starts = sum(worker.starts for worker in cluster.containers_of("worker"))
    # labels of their own: another ratio than the other tests' plans
    plan = make_plan(OTHERS)
    plan["dataset"]["options"]["training_ratio"] = [0.6]
    plan |= {"adapter": [plan["adapter"], GREEDY], "model": {"name": "scikit_model_svm", "options": {}}}
    greedy = cluster.airflow.trigger(plan)
    diary.note(f"run {greedy} of {OTHERS} definitions and one that needs more memory than a worker has")
    plan = make_plan(DEFINITIONS // 5 // 4 * 4)
    plan["dataset"]["options"]["training_ratio"] = [0.5]
    count = len(list_labels(plan))
    twins = [cluster.airflow.trigger(plan), cluster.airflow.trigger(plan)]
    diary.note(f"two runs of the same {count} definitions: {', '.join(twins)}")

    assert [wait_for_end(cluster, diary, run_id) for run_id in (*twins, greedy)] == ["success", "success", "failed"]
    assert_each_is_announced(cluster, diary, *twins, greedy)
    assert_only_one_failed(cluster, diary, greedy, starts)
    assert_each_is_stored_by_both(diary, twins, count)
    assert_nothing_is_left(cluster, diary, idle)


def assert_only_one_failed(cluster: Cluster, diary: Diary, run_id: str, starts: int) -> None:
    """Fail unless the definition that needs too much memory failed, with its tries, and all others are trained."""
    [(label, error)] = diary.rows(GREEDY_ONES, run_id=run_id)
    run = Ledger(diary.models_db).get_run(run_id)
    assert (run["trained"], run["failed"], run["permutations"]) == (OTHERS, 1, OTHERS + 1)
    assert "log" in error
    deaths = sum(worker.starts for worker in cluster.containers_of("worker")) - starts
    diary.note(f"{label} failed after {deaths} workers had died of it; {run['trained']} others are trained")
    assert deaths == TRIES


def assert_each_is_stored_by_both(diary: Diary, runs: list[str], count: int) -> None:
    """Fail unless each of two runs trained every label, with the same document, as versions 1 and 2."""
    first, second = (diary.rows(DOCUMENTS, run_id=run_id) for run_id in runs)
    assert len(first) == count
    assert first == second
    query = "SELECT label, array_agg(version ORDER BY version) FROM models WHERE run_id = ANY(%(runs)s) GROUP BY label"
    assert {tuple(versions) for _, versions in diary.rows(query, runs=runs)} == {(1, 2)}
    diary.note(f"each of {count} labels is stored twice, as versions 1 and 2, with the same document")
    for run_id in runs:
        assert Ledger(diary.models_db).get_run(run_id)["trained"] == count
