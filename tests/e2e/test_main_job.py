"""The main job, by every way a person can start it, on a whole deployment."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest

from e2e.deployments import ROOT, Deployment
from factories import list_labels
from holding import held
from passing import wait_until
from pipeline.plans import expand
from pipeline.plans.order import order_to_share

pytestmark = pytest.mark.e2e

PLAN = json.loads((ROOT / "include/plans/word2vec_svm.json").read_text(encoding="utf-8"))
DAG_RUNS = "/api/v2/dags/train_classifiers/dagRuns"


@pytest.fixture(scope="module")
def loaded(deployment: Deployment) -> Deployment:
    """The session's deployment with the demo's examples in it."""
    done = deployment.run("examples", "demo")

    assert done.returncode == 0, done.stderr
    return deployment


@pytest.fixture(scope="module")
def client(loaded: Deployment) -> Iterator[httpx.Client]:
    """A REST client of the administrator."""
    headers = {"Authorization": f"Bearer {loaded.airflow.token}"}
    with httpx.Client(base_url=loaded.base_url, headers=headers, timeout=90, trust_env=False) as session:
        yield session


def read(deployment: Deployment, *command: str) -> Any:
    """Return what a command prints with `--json`."""
    done = deployment.run(*command, "--json")

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def trigger(client: httpx.Client, plan: Any) -> str:
    """Trigger a plan by REST and return the run's id."""
    answer = client.post(DAG_RUNS, json={"logical_date": None, "conf": plan})

    assert answer.status_code == 200, answer.text
    return str(answer.json()["dag_run_id"])


def task_instances(client: httpx.Client, run_id: str, task_id: str = "train") -> list[dict[str, Any]]:
    """Return the instances of one task in a run."""
    answer = client.get(f"{DAG_RUNS}/{quote(run_id)}/taskInstances", params={"limit": 100}).json()
    return [instance for instance in answer["task_instances"] if instance["task_id"] == task_id]


def consume_labels(deployment: Deployment) -> list[str]:
    """Take every message off the notification queue and return their labels."""
    lines = deployment.run("notifications", "consume", "--timeout", "1").stdout.splitlines()
    return [json.loads(line)["label"] for line in lines]


@pytest.fixture(scope="module")
def rest_run(loaded: Deployment, client: httpx.Client) -> str:
    """A run of the four-definition plan, triggered by REST, that has ended."""
    run_id = trigger(client, PLAN)

    assert loaded.wait_for_end(run_id) == "success"
    return run_id


def test_the_plan_gives_four_instances_models_and_notifications(
    loaded: Deployment, client: httpx.Client, rest_run: str
) -> None:
    ledger = read(loaded, "runs", "show", rest_run)["ledger"]
    labels = [row["label"] for row in ledger]

    assert len(set(labels)) == 4
    assert all(label.startswith("word2vec-svm-") for label in labels)
    assert {row["state"] for row in ledger} == {"trained"}
    in_training = [definition.label for definition in order_to_share(expand(PLAN).definitions)]
    assert [instance["rendered_map_index"] for instance in task_instances(client, rest_run)] == in_training
    assert sorted(in_training) == sorted(labels)
    assert {model["label"] for model in read(loaded, "models", "list", "--run", rest_run)} == set(labels)
    announced = [row for row in read(loaded, "notifications", "list") if row["run_id"] == rest_run]
    assert {row["label"] for row in announced} == set(labels)
    assert all(row["published_at"] for row in announced)
    assert set(labels) <= set(consume_labels(loaded))


def test_a_definitions_log_tells_what_was_trained_on_how_much_and_how_good_it_is(
    client: httpx.Client, rest_run: str
) -> None:
    log = client.get(f"{DAG_RUNS}/{quote(rest_run)}/taskInstances/train/logs/1", params={"map_index": 0}).text

    for part in ("SpanDataset", "Word2VecAdapter", "scikit_model_svm", "sequence_length", '"training":', '"testing":'):
        assert part in log
    for part in ("fit_adapter", "fit_model", "seconds", "accuracy", "macro_f1", "stored"):
        assert part in log


def test_what_definitions_share_is_prepared_once(loaded: Deployment, rest_run: str) -> None:
    labels = [row["label"] for row in read(loaded, "runs", "show", rest_run)["ledger"]]
    reused = [read(loaded, "models", "show", label)["lineage"]["reused"] for label in labels]

    # two adapters that differ in their sequence_length only, two models on each
    assert sum("trained adapter" not in each for each in reused) <= 1
    assert sum("examples" not in each for each in reused) <= 1
    kept = read(loaded, "prepared", "show")
    assert kept["store"] == (loaded.home / "prepared").as_uri()
    assert kept["entries"] >= 3


def test_airflow_dags_trigger_trains_the_same_labels_again(loaded: Deployment, rest_run: str) -> None:
    run_id = "by-airflow-dags-trigger"

    done = loaded.run("airflow", "dags", "trigger", "train_classifiers", "--conf", json.dumps(PLAN), "--run-id", run_id)

    assert done.returncode == 0, done.stderr
    assert loaded.wait_for_end(run_id) == "success"
    first, second = (read(loaded, "runs", "show", run)["ledger"] for run in (rest_run, run_id))
    assert [row["label"] for row in first] == [row["label"] for row in second]
    assert [row["version"] + 1 for row in first] == [row["version"] for row in second]


def test_airflow_dags_trigger_refuses_a_plan_that_its_schema_refuses(loaded: Deployment) -> None:
    plan = PLAN | {"model": {"name": "scikit_model_svm", "options": {"kernel": ["rfb"]}}}

    done = loaded.run("airflow", "dags", "trigger", "train_classifiers", "--conf", json.dumps(plan), "--run-id", "bad")

    assert done.returncode != 0
    assert "rfb" in done.stderr + done.stdout
    assert "bad" not in [run["run_id"] for run in read(loaded, "runs", "list")]


def test_pipeline_train_follows_a_run_to_its_leaderboard(loaded: Deployment) -> None:
    done = loaded.run("train", "include/plans/word_frequency_logistic_regression.json", "--follow")

    assert done.returncode == 0, done.stderr
    assert "4/4" in done.stdout
    assert done.stdout.count("word-frequency-logistic-regression-") == 8
    assert "vocabulary_size=5000" in done.stdout


def test_a_stored_model_classifies_in_another_process_as_it_was_scored(loaded: Deployment, tmp_path: Path) -> None:
    best = read(loaded, "models", "list")[0]
    document = tmp_path / "model.json"
    texts = ["the shuttle reached orbit", "belief and disbelief", "zzz"]

    exported = loaded.run("models", "export", best["label"], "--output", str(document))
    answers = read(loaded, "models", "classify", best["label"], *texts)

    assert exported.returncode == 0, exported.stderr
    from pipeline.training.adapted_model import AdaptedModel

    model = AdaptedModel.from_document(document.read_bytes())
    assert model.classify(texts) == [answer["classification"] for answer in answers]


def test_rest_refuses_a_plan_that_the_schema_refuses(client: httpx.Client) -> None:
    runs = client.get(DAG_RUNS).json()["total_entries"]
    answer = client.post(DAG_RUNS, json={"logical_date": None, "conf": PLAN | {"adapter": {"name": "Word3Vec"}}})

    assert answer.status_code == 400
    assert "Word3Vec" in answer.text
    unknown = client.post(DAG_RUNS, json={"logical_date": None, "conf": PLAN | {"modell": {}}})
    assert unknown.status_code == 400
    assert unknown.json()["detail"].startswith(
        "modell: unknown key; known are dataset, adapter, model, exclude, name, "
    )
    assert client.get(DAG_RUNS).json()["total_entries"] == runs


def test_what_is_not_in_a_plan_itself_fails_at_once_with_its_reason(loaded: Deployment, client: httpx.Client) -> None:
    plan = json.loads(json.dumps(PLAN))
    plan["dataset"]["options"] |= {"start_datetime_str": "2050-1-1", "end_datetime_str": "2050-1-2"}
    run_id = trigger(client, plan)

    assert loaded.wait_for_end(run_id) == "failed"
    (instance,) = task_instances(client, run_id, "expand_plan")
    assert instance["try_number"] == 1
    log = client.get(f"{DAG_RUNS}/{quote(run_id)}/taskInstances/expand_plan/logs/1").text
    refusal = "dataset.options: collection 'default' holds no examples from 2050-01-01 up to 2050-01-02; "
    assert refusal in log
    assert read(loaded, "runs", "show", run_id)["refusal"].startswith(refusal)


def test_a_failed_definition_fails_the_run_and_the_rest_is_announced(loaded: Deployment, tmp_path: Path) -> None:
    # one post stands before the second end: nothing to split
    plan = json.loads(json.dumps(PLAN))
    plan["dataset"]["options"]["end_datetime_str"] = ["1993-4-24", "1993-4-1T10:01"]
    plan["adapter"]["options"]["sequence_length"] = [50]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")

    done = loaded.run("train", str(path), "--follow", "--json")

    assert done.returncode == 1
    result = json.loads(done.stdout)
    states = [row["state"] for row in result["definitions"]]
    assert result["state"] == "failed"
    assert sorted(states) == ["failed", "failed", "trained", "trained"]
    assert "at least one in each" in next(row["error"] for row in result["definitions"] if row["state"] == "failed")
    announced = [row for row in read(loaded, "notifications", "list") if row["run_id"] == result["run"]]
    assert len(announced) == 2
    assert all(row["published_at"] for row in announced)


def test_a_killed_training_is_tried_again_and_ends_stored_once(loaded: Deployment, client: httpx.Client) -> None:
    plan = json.loads(json.dumps(PLAN))
    plan["adapter"]["options"] = {"sequence_length": [100], "epochs": [100]}
    plan["model"]["options"] = {"kernel": ["linear"]}
    with held(loaded.models_db, list_labels(plan)):
        run_id = trigger(client, plan)
        kill_training(loaded, client, run_id)

    assert loaded.wait_for_end(run_id) == "success"
    (instance,) = task_instances(client, run_id)
    assert instance["try_number"] == 2
    (row,) = read(loaded, "runs", "show", run_id)["ledger"]
    assert row["state"] == "trained"
    assert len(read(loaded, "models", "list", "--run", run_id)) == 1
    assert row["label"] in consume_labels(loaded)


def kill_training(deployment: Deployment, client: httpx.Client, run_id: str) -> None:
    """Kill the process that trains a run's only definition, once its log says that it trains."""
    log = f"{DAG_RUNS}/{quote(run_id)}/taskInstances/train/logs/1"
    wait_until(lambda: "step done" in client.get(log, params={"map_index": 0}).text, lambda: "no training began")
    (instance,) = task_instances(client, run_id)
    title = f"airflow worker -- {instance['id']}"
    (process,) = [process for process in deployment.processes() if title in " ".join(_command(process))]
    process.kill()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
