"""A model that is retired and brought back on its page, in a real browser."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from e2e.browser import ARTEFACTS
from e2e.deployments import ROOT, Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DEMO = json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))
PLAN = {"dataset": DEMO["dataset"], "adapter": {"name": "TfidfAdapter"}, "model": {"name": "scikit_model_majority"}}


@pytest.fixture(scope="module")
def run_id(deployment: Deployment, pages: Page) -> str:  # noqa: ARG001 - it has the examples
    """A run of one model that has ended."""
    run_id = deployment.airflow.trigger(PLAN)
    assert deployment.wait_for_end(run_id) == "success"
    return run_id


def test_a_model_is_retired_and_brought_back_and_not_deleted_by_mistake(
    deployment: Deployment, pages: Page, run_id: str
) -> None:
    base = f"{deployment.base_url}/registry"
    rows = pages.request.get(f"{base}/definitions", params={"run": run_id}).json()["items"]
    row = next(row for row in rows if not row["model"]["aliases"])
    name = f"{row['label']}@{row['model']['version']}"
    pages.goto(f"{base}/pages/model?model={name}")

    pages.get_by_label("Reason").fill("slower and no better")
    pages.get_by_role("button", name="Retire").click()
    expect(pages.get_by_text("retired by admin: slower and no better")).to_be_visible()
    pages.goto(f"{base}/pages/leaderboard?run={quote(run_id, safe='')}")
    expect(pages.get_by_text("its model was retired by admin on")).to_be_visible()
    pages.screenshot(path=ARTEFACTS / "registry-retired.png", full_page=True)

    pages.goto(f"{base}/pages/model?model={name}")
    pages.get_by_label("Reason").fill("needed after all")
    pages.get_by_role("button", name="Bring back").click()
    expect(pages.get_by_role("button", name="Retire")).to_be_visible()
    pages.get_by_label("Reason").fill("a slip")
    pages.get_by_role("button", name="Delete").click()
    expect(pages.locator("#removal")).to_have_text("Tick “for ever” first.")
    assert pages.request.get(f"{base}/models/{name}").json()["retired_at"] is None
