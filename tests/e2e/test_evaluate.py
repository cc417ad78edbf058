"""Stored models scored on new examples, by the command and by REST, on a whole deployment."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.browser import ARTEFACTS, list_barriers
from e2e.deployments import ROOT, Deployment
from e2e.registry_users import make_token, open_client
from holding import held_evaluations
from passing import wait_until
from pipeline.airflow_client.api import ENDED_RUN_STATES, EVALUATION_DAG_ID
from pipeline.stores.models.evaluations import EvaluationsStore

pytestmark = pytest.mark.e2e

PLAN: dict[str, Any] = {
    "dataset": json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))["dataset"],
    "adapter": {"name": "TfidfAdapter", "options": {"max_features": 321}},
    "model": [{"name": "scikit_model_logistic_regression"}, {"name": "scikit_model_majority"}],
}
DAG_RUNS = f"/api/v2/dags/{EVALUATION_DAG_ID}/dagRuns"
NEW = ("--from", "1993-4-24")
"""The demo's examples after the span of the plan."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evaluated") / "plan.json"
    path.write_text(json.dumps(PLAN), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def labels(deployment: Deployment, plan: Path) -> list[str]:
    """The labels of a logistic regression and of a baseline, the better one first."""
    assert deployment.run("examples", "demo").returncode == 0
    done = deployment.run("train", str(plan), "--follow", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(done.stdout)["definitions"]
    return [row["label"] for row in sorted(rows, key=lambda row: -row["accuracy"])]


@pytest.fixture(scope="module")
def admin(deployment: Deployment, labels: list[str]) -> Iterator[httpx.Client]:
    """The registry as its administrator sees it, with the models in it."""
    del labels
    with open_client(deployment, deployment.airflow.token) as client:
        yield client


def list_evaluations(deployment: Deployment, run_id: str) -> list[dict[str, Any]]:
    return EvaluationsStore(deployment.models_db).list_newest(run_id)


def test_models_are_scored_on_new_examples_and_compared(
    deployment: Deployment, labels: list[str], admin: httpx.Client
) -> None:
    assert admin.put("/aliases/evaluated", json={"model": labels[0], "reason": "to evaluate"}).status_code == 200

    done = deployment.run("evaluate", "@evaluated", labels[1], f"{labels[0]}@1", *NEW)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 models in run manual__" in done.stdout
    assert "2/2" in done.stdout
    assert f"{labels[0]}@1" in done.stdout
    assert "of collection default, 1993-04-24T" in done.stdout
    assert "perhaps trained on" not in done.stdout


def test_what_a_run_found_out_is_told_as_json_and_its_instances_have_the_models_names(
    deployment: Deployment, labels: list[str], client: httpx.Client
) -> None:
    done = deployment.run("evaluate", *labels, *NEW, "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], [row["label"] for row in told["evaluations"]]) == ("success", labels)
    best, other = told["evaluations"]
    assert (best["p_value"], best["testing_set"]) == (None, other["testing_set"])
    assert 0 <= other["p_value"] <= 1
    instances = client.get(f"{DAG_RUNS}/{quote(told['run'])}/taskInstances").json()["task_instances"]
    named = {each["rendered_map_index"] for each in instances if each["task_id"] == "evaluate"}
    assert named == {f"{label}@1" for label in labels}


def test_the_testing_set_of_a_plan_is_what_its_models_were_tested_on(
    deployment: Deployment, labels: list[str], plan: Path, admin: httpx.Client
) -> None:
    done = deployment.run("evaluate", labels[0], "--plan", str(plan), "--json")

    assert done.returncode == 0, done.stderr
    [row] = json.loads(done.stdout)["evaluations"]
    model = admin.get(f"/models/{labels[0]}").json()
    assert (row["testing_set"]["digest"], row["accuracy"]) == (model["testing_set"]["digest"], model["accuracy"])


@pytest.mark.browser
def test_pages_show_evaluations_and_compare_models_on_them(
    deployment: Deployment, labels: list[str], pages: Page
) -> None:
    done = deployment.run("evaluate", *labels, "--to", "1993-5-2", "--json")
    assert done.returncode == 0, done.stderr
    best, _ = json.loads(done.stdout)["evaluations"]
    assert "perhaps trained on" in best["marks"]

    pages.goto(f"{deployment.base_url}/registry/pages/model?model={labels[0]}")
    section = pages.locator("section").filter(has=pages.get_by_role("heading", name="Evaluations"))
    row = section.get_by_role("row").filter(has_text=best["testing_set"]["digest"][:8])
    expect(row.get_by_text("perhaps trained on")).to_be_visible()
    expect(row.get_by_text(f"{best['perhaps_trained']} may have trained it")).to_be_visible()
    pages.screenshot(path=ARTEFACTS / "registry-model-evaluations.png", full_page=True)

    pages.goto(f"{deployment.base_url}/registry/pages/compare?model={labels[0]}&model={labels[1]}")
    expect(pages.get_by_role("cell", name="Evaluated")).to_have_count(0)
    pages.get_by_label("Compare on").select_option(best["testing_set"]["digest"])
    expect(pages.get_by_role("cell", name="Evaluated", exact=True)).to_be_visible()
    expect(pages.get_by_role("cell", name=f"{best['accuracy']:.3f}").first).to_be_visible()
    expect(pages).to_have_url(re.compile(f"testing_set={best['testing_set']['digest']}"))
    pages.screenshot(path=ARTEFACTS / "registry-compare-evaluations.png", full_page=True)
    assert list_barriers(pages) == []
    compared = deployment.run("models", "compare", *labels, "--testing-set", best["testing_set"]["digest"][:8])
    assert f"testing set {best['testing_set']['digest'][:8]}" in compared.stdout, compared.stderr
    assert "first only" in compared.stdout


def test_what_cannot_be_evaluated_starts_no_run(
    deployment: Deployment, labels: list[str], client: httpx.Client
) -> None:
    before = client.get(DAG_RUNS).json()["total_entries"]

    for arguments, said in (
        (("nobody",), "models[0]: there is no 'nobody'"),
        ((labels[0], "--from", "2050-1-1", "--to", "2050-1-2"), "holds no examples from 2050-01-01"),
        ((labels[0], "--from", "soon"), "from: 'soon' is not a date or time"),
    ):
        done = deployment.run("evaluate", *arguments)
        assert said in done.stderr
        assert done.returncode == 1
    conf = {"models": ["nobody", labels[0]]}
    refused = client.post(DAG_RUNS, json={"logical_date": None, "conf": conf})
    assert (refused.status_code, refused.json()["findings"][0]["path"]) == (400, "models[0]")
    assert client.get(DAG_RUNS).json()["total_entries"] == before


def test_who_may_trigger_is_decided_by_airflows_roles(deployment: Deployment, labels: list[str]) -> None:
    statuses = {}
    for role in ("viewer", "user"):
        headers = {"Authorization": f"Bearer {make_token(deployment, role)}"}
        body = {"logical_date": None, "conf": {"models": labels[:1], "from": "1993-4-24"}}
        answer = httpx.post(deployment.base_url + DAG_RUNS, json=body, headers=headers, timeout=90, trust_env=False)
        statuses[role] = answer.status_code

    assert statuses == {"viewer": 403, "user": 200}


def test_a_killed_evaluation_is_tried_again_and_ends_stored_once(
    deployment: Deployment, labels: list[str], client: httpx.Client
) -> None:
    with held_evaluations(deployment.models_db, labels[0]):
        started = deployment.run("evaluate", labels[0], *NEW, "--detach", "--json")
        run_id = json.loads(started.stdout)["run"]
        path = f"{DAG_RUNS}/{quote(run_id)}/taskInstances/evaluate"
        wait_until(lambda: "macro_f1" in client.get(f"{path}/logs/1", params={"map_index": 0}).text)
        instance = client.get(f"{path}/0").json()
        title = f"airflow worker -- {instance['id']}"
        (process,) = [
            each for each in deployment.processes() if each.is_running() and title in " ".join(each.cmdline())
        ]

        process.kill()

        assert list_evaluations(deployment, run_id) == []
    wait_until(lambda: deployment.airflow.get_run_state(run_id, EVALUATION_DAG_ID) in ENDED_RUN_STATES)
    assert client.get(f"{path}/0").json()["try_number"] == 2
    [row] = list_evaluations(deployment, run_id)
    assert (row["label"], row["run_id"]) == (labels[0], run_id)
