"""What is old goes from a whole deployment: models, Airflow's rows and logs; by the DAG and by the command."""

import json
import os
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from e2e.deployments import ROOT, Deployment
from passing import wait_until

pytestmark = pytest.mark.e2e

DAYS = 2_000
PLAN = json.loads((ROOT / "include/plans/word_frequency_logistic_regression.json").read_text(encoding="utf-8")) | {
    "adapter": {"name": "TfidfAdapter", "options": {"max_features": [61, 62]}},
    "model": {"name": "scikit_model_nearest_centroid"},
}


@pytest.fixture
def old_run(deployment: Deployment, client: httpx.Client, tmp_path: Path) -> str:  # noqa: ARG001 - it has the examples
    """A run of two models of some thousand days ago."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN), encoding="utf-8")
    done = deployment.run("train", str(path), "--follow", "--json")
    assert done.returncode == 0, done.stderr
    run_id: str = json.loads(deployment.run("runs", "list", "--limit", "1", "--json").stdout)[0]["run_id"]
    by = f"make_interval(days => {2 * DAYS})"
    age(deployment, "models", "models", run_id, by, "created_at")
    age(deployment, "models", "runs", run_id, by, "created_at", "closed_at")
    age(deployment, "airflow", "dag_run", run_id, by, "start_date")
    age(deployment, "airflow", "task_instance", run_id, by, "start_date")
    before = time.time() - 2 * DAYS * 86_400
    for logged in list_logs(deployment, run_id):
        for each in (*logged.rglob("*"), logged):
            os.utime(each, (before, before))
    return run_id


def age(deployment: Deployment, database: str, table: str, run_id: str, by: str, *columns: str) -> None:
    """Let the rows of a run be older."""
    changes = ", ".join(f"{column} = {column} - {by}" for column in columns)
    with psycopg.connect(deployment.superuser_url, dbname=database) as connection:
        statement = f"UPDATE {table} SET {changes} WHERE run_id = %s"  # noqa: S608
        assert connection.execute(statement.encode(), (run_id,)).rowcount > 0


def list_logs(deployment: Deployment, run_id: str) -> list[Path]:
    return [*(deployment.home / "airflow/logs/dag_id=train_classifiers").glob(f"run_id={run_id}")]


def count_models(deployment: Deployment, run_id: str) -> int:
    return len(json.loads(deployment.run("models", "list", "--run", run_id, "--json").stdout))


def prune_by_dag(client: httpx.Client, **conf: Any) -> str:
    """Trigger the DAG and return in which state its run ends."""
    path = "/api/v2/dags/prune/dagRuns"
    made = client.post(path, json={"logical_date": None, "conf": conf}).raise_for_status().json()
    run = f"{path}/{made['dag_run_id']}"
    wait_until(lambda: client.get(run).json()["state"] in ("success", "failed"), every=0.5)
    state: str = client.get(run).json()["state"]
    return state


def test_the_dag_tells_what_it_would_delete_and_deletes_it(
    deployment: Deployment, client: httpx.Client, old_run: str
) -> None:
    runs = "/api/v2/dags/train_classifiers/dagRuns"
    before = client.get(runs).json()["total_entries"]
    assert list_logs(deployment, old_run)

    assert prune_by_dag(client, days=DAYS, best=0) == "success"
    assert count_models(deployment, old_run) == 2

    assert prune_by_dag(client, days=DAYS, best=0, delete=True) == "success"
    assert count_models(deployment, old_run) == 0
    assert client.get(f"{runs}/{old_run}").status_code == 404
    assert client.get(runs).json()["total_entries"] == before - 1
    assert list_logs(deployment, old_run) == []
    assert "there is no" in deployment.run("runs", "show", old_run).stderr


def test_the_command_does_the_same(deployment: Deployment, client: httpx.Client, old_run: str) -> None:
    options = ("prune", "--days", str(DAYS), "--best", "0", "--json")
    told = json.loads(deployment.run(*options).stdout)
    done = deployment.run(*options, "--delete")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == told
    assert (told["models"], told["runs"], told["log_folders"]) == (2, 1, 1)
    assert told["log_bytes"] > 1_000
    assert client.get(f"/api/v2/dags/train_classifiers/dagRuns/{old_run}").status_code == 404
    assert list_logs(deployment, old_run) == []
    assert deployment.status().healthy


def test_it_does_not_run_by_itself_unless_a_setting_says_what_to_keep(client: httpx.Client) -> None:
    assert client.get("/api/v2/dags/prune").json()["timetable_summary"] in (None, "Never, external triggers only")
