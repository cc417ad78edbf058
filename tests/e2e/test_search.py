"""A run with a search on a whole deployment: states in Airflow, in the ledger and on the command line."""

import json
from collections import Counter

import httpx
import pytest

from e2e.deployments import ROOT, Deployment
from e2e.test_main_job import read, task_instances, trigger
from e2e.test_runs import announced
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.trials import list_trials

pytestmark = pytest.mark.e2e

PLAN = json.loads((ROOT / "include/plans/word2vec_svm.json").read_text(encoding="utf-8")) | {
    "adapter": {"name": "TfidfAdapter", "options": {"max_features": [20, 100, 1000]}},
    "model": {"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": [0.01, 0.1, 1.0]}},
    "search": {"method": "halving"},
}


def test_a_search_stops_what_others_are_better_than(deployment: Deployment, client: httpx.Client) -> None:
    ledger = Ledger(deployment.models_db)
    run_id = trigger(client, PLAN)

    assert deployment.wait_for_end(run_id) == "success"

    run = ledger.get_run(run_id)
    assert (run["permutations"], run["trained"], run["stopped"]) == (9, 1, 8)
    rows = {row["label"]: row for row in ledger.list_definitions(run_id)}
    instances = task_instances(client, run_id)
    wanted = {"trained": "success", "stopped": "skipped"}
    assert {each["rendered_map_index"]: each["state"] for each in instances} == {
        label: wanted[row["state"]] for label, row in rows.items()
    }
    assert Counter(row["rung"] for row in list_trials(deployment.models_db, run_id)) == {0: 9, 1: 3}
    assert all("not among the best" in row["error"] for row in rows.values() if row["state"] == "stopped")
    assert announced(deployment, run_id) == [label for label, row in rows.items() if row["state"] == "trained"]
    shown = deployment.run("runs", "show", run_id).stdout
    assert "9 permutations: 1 trained, 8 stopped" in shown
    assert "stopped by the search: 8 definitions" in shown
    assert "search: 9 tried in rung 1, 3 tried in rung 2" in shown
    listed = read(deployment, "runs", "show", run_id)["ledger"]
    assert Counter(row["state"] for row in listed) == {"stopped": 8, "trained": 1}


def test_the_same_search_again_keeps_the_same(deployment: Deployment, client: httpx.Client) -> None:
    ledger = Ledger(deployment.models_db)
    run_ids = [trigger(client, PLAN | {"seed": 3}) for _ in range(2)]

    assert [deployment.wait_for_end(run_id) for run_id in run_ids] == ["success", "success"]

    first, second = (
        [(row["label"], row["state"], row["error"]) for row in ledger.list_definitions(run_id)] for run_id in run_ids
    )
    assert first == second


def test_a_run_in_which_too_many_fail_ends_and_announces_what_is_trained(
    deployment: Deployment, client: httpx.Client
) -> None:
    """Ten of sixty find no word that is frequent enough; at the fifth, what has not begun is cancelled and skipped."""
    alphas = [round(0.1 + number / 100, 2) for number in range(10)]
    plan = PLAN | {
        "adapter": {"name": "TfidfAdapter", "options": {"min_df": [1_000, 1, 2, 3, 4, 5]}},
        "model": {"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": alphas}},
        "search": None,
        "max_failures": 5,
    }
    run_id = trigger(client, plan)

    assert deployment.wait_for_end(run_id) == "failed"

    run = Ledger(deployment.models_db).get_run(run_id)
    assert run["permutations"] == 60 == run["trained"] + run["failed"] + run["cancelled"]
    assert 5 <= run["failed"] <= 10  # four, and what six slots had begun
    assert run["cancelled"] > 30
    assert Ledger(deployment.models_db).is_settled(run_id)
    rows = Ledger(deployment.models_db).list_definitions(run_id)
    reasons = {row["error"] for row in rows if row["state"] == "cancelled"}
    assert reasons == {"5 of 60 definitions have failed, and max_failures is 5"}
    states = Counter(each["state"] for each in task_instances(client, run_id))
    assert states == {"success": run["trained"], "failed": run["failed"], "skipped": run["cancelled"]}
