"""What the plan language says, on a whole deployment: every permutation ends where the ledger says."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from e2e.deployments import ROOT, Deployment
from e2e.test_main_job import DAG_RUNS, read, task_instances, trigger
from holding import held
from passing import wait_until
from pipeline.plans import expand
from pipeline.plans.order import order_to_share
from pipeline.stores.models.ledger import FINAL_STATES

pytestmark = pytest.mark.e2e

PLAN = json.loads((ROOT / "include/plans/word2vec_svm.json").read_text(encoding="utf-8"))
BLOCKS = PLAN | {
    "adapter": [
        {"name": "TfidfAdapter", "options": {"ngram_range": [[1, 1], [1, 2]]}},
        {"name": "Word2VecAdapter", "options": {"sequence_length": 50, "pooling": "mean"}},
    ],
    "model": [
        {"name": "scikit_model_svm", "options": {"kernel": ["linear", "rbf"], "gamma": ["scale", "auto"]}},
        {"name": "scikit_model_multinomial_naive_bayes"},
    ],
    "exclude": [{"adapter.name": "Word2VecAdapter", "model.name": "scikit_model_multinomial_naive_bayes"}],
    "collapse_inert": True,
}

BEGUN = {"trained", "training"}


def counts(deployment: Deployment, run_id: str) -> dict[str, int]:
    """Return how many of a run's permutations ended in each state, those that none ended in left out."""
    run = read(deployment, "runs", "show", run_id)
    assert sum(run[state] for state in FINAL_STATES) == run["permutations"]
    return {state: run[state] for state in FINAL_STATES if run[state]}


def test_the_plan_that_must_always_work_trains_two_when_collapsed_and_has_four_rows(
    deployment: Deployment, client: httpx.Client
) -> None:
    run_id = trigger(client, PLAN | {"collapse_inert": True})

    assert deployment.wait_for_end(run_id) == "success"
    assert counts(deployment, run_id) == {"trained": 2, "duplicate": 2}
    rows = read(deployment, "runs", "show", run_id)["ledger"]
    assert [row["state"] for row in rows] == ["trained", "duplicate", "trained", "duplicate"]
    assert rows[1]["duplicate_of"] == rows[0]["label"]
    assert rows[1]["accuracy"] == rows[0]["accuracy"]
    labels = [instance["rendered_map_index"] for instance in task_instances(client, run_id)]
    assert labels == [rows[0]["label"], rows[2]["label"]]


def test_lists_of_blocks_compare_recipes_of_other_classes_in_one_run(
    deployment: Deployment, client: httpx.Client
) -> None:
    run_id = trigger(client, BLOCKS)

    assert deployment.wait_for_end(run_id) == "success"
    assert counts(deployment, run_id) == {"trained": 11, "duplicate": 3, "excluded": 1}
    shown = deployment.run("runs", "show", run_id).stdout
    assert "15 permutations: 11 trained, 3 duplicate, 1 excluded" in shown
    assert 'excluded 1 by {"adapter.name": "Word2VecAdapter"' in shown


def test_a_second_run_reuses_what_the_first_one_trained(
    deployment: Deployment, client: httpx.Client, tmp_path: Any
) -> None:
    plan = PLAN | {"on_existing": "reuse", "model": {"name": "scikit_model_svm", "options": {"kernel": "linear"}}}
    first = trigger(client, plan)
    assert deployment.wait_for_end(first) == "success"
    path = tmp_path / "plan.json"
    more = plan | {"adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 75, 100]}}}
    path.write_text(json.dumps(more), encoding="utf-8")

    done = deployment.run("train", str(path), "--follow")
    again = trigger(client, plan)

    assert done.returncode == 0, done.stderr
    assert "reused version 1" in done.stdout
    assert "reused: 2 models of earlier runs" in done.stdout
    assert deployment.wait_for_end(again) == "success"  # nothing to train
    assert counts(deployment, again) == {"reused": 2}


def test_a_run_ended_by_hand_is_failed_and_what_had_not_ended_is_cancelled(
    deployment: Deployment, client: httpx.Client
) -> None:
    plan = PLAN | {
        "adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100], "epochs": [30, 31, 32]}},
        "model": [{"name": "scikit_model_svm", "options": {"kernel": "linear", "C": [1, 10]}}],
    }
    # more than are trained at once: some have not begun
    _, *others = [definition.label for definition in order_to_share(expand(plan).definitions)]
    with held(deployment.models_db, others):
        run_id = trigger(client, plan)
        wait_until(lambda: {row["state"] for row in read(deployment, "runs", "show", run_id)["ledger"]} >= BEGUN)

        answer = client.patch(f"{DAG_RUNS}/{quote(run_id)}", json={"state": "failed"})

        assert answer.status_code == 200, answer.text
        assert deployment.wait_for_end(run_id) == "failed"
        assert counts(deployment, run_id) == {"trained": 1, "cancelled": 11}


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ({"model": {"name": "scikit_model_multinomial_naive_bayes"}}, "cannot take negative features"),
        ({"exclude": [{"model.options.degree": [3, 4]}]}, "excludes all 4 permutations"),
        ({"max_definitions": 3}, "4 definitions; at most 3"),
        (
            {
                "dataset": {
                    "name": "SpanDataset",
                    "options": {
                        "start_datetime_str": "2016-1-1",
                        "end_datetime_str": "2016-1-2",
                        "training_ratio": 0.8,
                    },
                }
            },
            "holds no examples from 2016-01-01 up to 2016-01-02; its first example is of 1993-04-01",
        ),
    ],
    ids=["a pair that cannot work", "nothing left", "too many", "no examples"],
)
def test_what_cannot_be_trained_is_refused_at_once_and_stands_in_the_ledger(
    deployment: Deployment, client: httpx.Client, plan: dict[str, Any], told: str
) -> None:
    run_id = trigger(client, PLAN | plan)

    assert deployment.wait_for_end(run_id) == "failed"
    (instance,) = task_instances(client, run_id, "expand_plan")
    assert instance["try_number"] == 1
    assert told in read(deployment, "runs", "show", run_id)["refusal"]
    assert told in client.get(f"{DAG_RUNS}/{quote(run_id)}/taskInstances/expand_plan/logs/1").text
