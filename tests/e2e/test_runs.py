"""Runs that are ended and resumed, by command and by what Airflow's own UI calls, on a whole deployment."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from e2e.deployments import ROOT, Deployment
from e2e.test_main_job import DAG_RUNS, read, task_instances, trigger
from factories import list_labels, make_definition, make_expansion
from holding import held
from passing import wait_until
from pipeline.stores.models.ledger import Ledger

pytestmark = pytest.mark.e2e

PLAN = json.loads((ROOT / "include/plans/word2vec_svm.json").read_text(encoding="utf-8")) | {
    "model": {"name": "scikit_model_svm", "options": {"kernel": "linear"}}
}
QUICK = {"name": "TfidfAdapter"}
# what no other test trains: nothing of it is prepared already
SLOW: dict[str, Any] = {"name": "Word2VecAdapter", "options": {"sequence_length": 50, "epochs": [190, 200]}}


@pytest.fixture
def ledger(deployment: Deployment) -> Ledger:
    """The deployment's ledger."""
    return Ledger(deployment.models_db)


def states(ledger: Ledger, run_id: str) -> list[str]:
    """Return the states of a run's definitions, in the plan's order."""
    return [row["state"] for row in ledger.list_definitions(run_id)]


def announced(deployment: Deployment, run_id: str) -> list[str]:
    """Return the labels of a run whose notifications the broker has."""
    rows = read(deployment, "notifications", "list")
    return sorted(row["label"] for row in rows if row["run_id"] == run_id and row["published_at"])


def test_a_run_of_the_command_is_listed_at_once_under_its_name(
    deployment: Deployment, client: httpx.Client, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN | {"adapter": QUICK, "name": "of the plan", "tags": ["quick"]}), encoding="utf-8")
    client.patch("/api/v2/dags/train_classifiers", json={"is_paused": True})
    try:
        started = deployment.run(
            "train", str(path), "--name", "Talk", "--note", "for Monday", "--tag", "talk", "--json"
        )
        run_id = json.loads(started.stdout)["run"]
        listed = deployment.run("runs", "list", "--tag", "talk")
        assert states(ledger, run_id) == ["planned"]
    finally:
        client.patch("/api/v2/dags/train_classifiers", json={"is_paused": False})

    assert "Talk" in listed.stdout
    assert client.get(f"{DAG_RUNS}/{quote(run_id)}").json()["note"] == "Talk\n\nfor Monday"
    described = deployment.run("runs", "describe", run_id, "--name", "", "--untag", "quick", "--tag", "Monday")
    assert described.stdout == f"{run_id}  [talk, Monday]\nfor Monday\n"
    assert deployment.wait_for_end(run_id) == "success"
    found = read(deployment, "runs", "list", "--find", "for monday")
    assert [(run["run_id"], run["name"], run["tags"]) for run in found] == [(run_id, None, ["talk", "Monday"])]
    assert states(ledger, run_id) == ["trained"]


def test_a_run_is_cancelled_in_the_middle_and_resumed_to_its_end(
    deployment: Deployment, client: httpx.Client, ledger: Ledger
) -> None:
    plan = PLAN | {"adapter": [QUICK, SLOW]}
    with held(deployment.models_db, list_labels(plan)[1:]):
        run_id = trigger(client, plan)
        wait_until(lambda: states(ledger, run_id)[:1] == ["trained"] and "training" in states(ledger, run_id))

        cancelled = deployment.run("runs", "cancel", run_id)

    assert cancelled.returncode == 0, cancelled.stderr
    assert "3 permutations: 1 trained, 2 cancelled" in cancelled.stdout
    assert client.get(f"{DAG_RUNS}/{quote(run_id)}").json()["state"] == "failed"
    assert ledger.get_run(run_id)["closed_at"] is not None
    labels = [row["label"] for row in ledger.list_definitions(run_id)]
    assert announced(deployment, run_id) == labels[:1]
    again = deployment.run("runs", "cancel", run_id)
    assert again.returncode == 0
    assert "has ended already: nothing to cancel; 3 permutations: 1 trained, 2 cancelled" in again.stdout

    resumed = deployment.run("runs", "resume", run_id, "--follow")

    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "Training 2 definitions" in resumed.stdout
    assert "2/2" in resumed.stdout
    assert states(ledger, run_id) == ["trained"] * 3
    assert [instance["state"] for instance in task_instances(client, run_id)] == ["success"] * 3
    assert task_instances(client, run_id)[0]["try_number"] == 1
    # each once, whatever other runs there were before
    assert sorted(model["label"] for model in read(deployment, "models", "list", "--run", run_id)) == sorted(labels)
    assert announced(deployment, run_id) == sorted(labels)
    left = deployment.run("runs", "resume", run_id)
    assert left.returncode == 0
    assert f"Nothing is left to train in run {run_id}: 3 permutations: 3 trained" in left.stdout


def test_the_ledger_follows_an_instance_that_is_marked_failed_and_one_that_is_cleared_without_what_follows(
    deployment: Deployment, client: httpx.Client, ledger: Ledger
) -> None:
    plan = PLAN | {"adapter": [QUICK, SLOW | {"options": SLOW["options"] | {"epochs": 180}}]}
    with held(deployment.models_db, list_labels(plan)[1:]):
        run_id = trigger(client, plan)
        wait_until(lambda: states(ledger, run_id) == ["trained", "training"])
        running = deployment.run("runs", "resume", run_id)
        assert running.returncode == 1
        assert "it is still running (2 permutations: 1 trained, 1 training)" in running.stderr

        path = f"{DAG_RUNS}/{quote(run_id)}/taskInstances/train/1"
        assert client.patch(path, json={"new_state": "failed"}).status_code == 200

        assert deployment.wait_for_end(run_id) == "failed"
        assert states(ledger, run_id) == ["trained", "failed"]
    cleared = client.post(
        "/api/v2/dags/train_classifiers/clearTaskInstances",
        json={"dag_run_id": run_id, "dry_run": False, "only_failed": True, "task_ids": ["train"]},
    )
    assert cleared.status_code == 200
    assert cleared.json()["total_entries"] == 1
    assert deployment.wait_for_end(run_id) == "success"
    assert states(ledger, run_id) == ["trained"] * 2
    assert ledger.is_settled(run_id)
    assert len(announced(deployment, run_id)) == 2
    (notify,) = task_instances(client, run_id, "notify")
    assert notify["try_number"] == 1


def test_runs_that_cannot_be_ended_or_resumed_say_why(
    deployment: Deployment, client: httpx.Client, ledger: Ledger
) -> None:
    span = {"start_datetime_str": "2050-1-1", "end_datetime_str": "2050-1-2", "training_ratio": 0.8}
    refused = trigger(client, PLAN | {"dataset": {"name": "SpanDataset", "options": span}})
    assert deployment.wait_for_end(refused) == "failed"
    ledger.open_run("deleted", PLAN, make_expansion(make_definition()))

    for command, run_id, status, said in (
        ("resume", refused, 1, "its plan was refused; fix the plan and"),
        ("cancel", refused, 0, "has ended already: nothing to cancel"),
        ("resume", "nobody", 1, "there is no run 'nobody'"),
        ("cancel", "nobody", 1, "there is no run 'nobody'"),
        ("resume", "deleted", 1, "Airflow no longer has it"),
        ("cancel", "deleted", 0, "closed in the ledger; 1 permutation: 1 cancelled"),
    ):
        done = deployment.run("runs", command, run_id)

        assert said in done.stdout + done.stderr
        assert done.returncode == status


def test_a_run_that_was_ended_before_it_was_expanded_is_resumed_whole(
    deployment: Deployment, client: httpx.Client, ledger: Ledger
) -> None:
    client.patch("/api/v2/dags/train_classifiers", json={"is_paused": True})
    try:
        run_id = trigger(client, PLAN | {"adapter": QUICK})
        assert client.patch(f"{DAG_RUNS}/{quote(run_id)}", json={"state": "failed"}).status_code == 200
    finally:
        client.patch("/api/v2/dags/train_classifiers", json={"is_paused": False})
    deployment.wait_for_end(run_id)

    resumed = deployment.run("runs", "resume", run_id, "--follow", "--json")

    assert resumed.returncode == 0, resumed.stderr
    assert [row["state"] for row in json.loads(resumed.stdout)["definitions"]] == ["trained"]
    assert ledger.is_settled(run_id)


def test_the_next_run_closes_what_ended_unseen_and_leaves_what_airflow_does_not_know(
    deployment: Deployment, client: httpx.Client, ledger: Ledger
) -> None:
    plan = PLAN | {"adapter": QUICK, "on_existing": "reuse"}
    first = trigger(client, plan)
    assert deployment.wait_for_end(first) == "success"
    ledger.plan_again(first)
    ledger.open_run("unknown", PLAN, make_expansion(make_definition()))

    second = trigger(client, plan)

    assert deployment.wait_for_end(second) == "success"
    assert ledger.list_open_runs() == ["unknown"]
    assert deployment.run("runs", "cancel", "unknown").returncode == 0
    assert ledger.list_open_runs() == []
