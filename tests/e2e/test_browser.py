"""The trigger form, the grid and a definition's log in a real browser."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from e2e.deployments import ROOT, Deployment
from pipeline.airflow_api import ENDED, AirflowApi

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

expect.set_options(timeout=30_000)  # pages load while the machine trains

ARTEFACTS = ROOT / "test-artefacts"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def find_chromium() -> str:
    """Return where Chromium is; without one the test is skipped, in CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("no Chromium, and in CI there must be one")
    pytest.skip("no Chromium on this machine")


@pytest.fixture
def page(deployment: Deployment, tmp_path: Path) -> Iterator[Page]:
    """A page of the deployment's UI, logged in as its administrator."""
    ARTEFACTS.mkdir(exist_ok=True)
    executable = find_chromium()
    username, password = deployment.admin
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path), executable_path=executable, args=FLAGS, viewport={"width": 1400, "height": 1100}
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(deployment.base_url)
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        expect(page.get_by_text("Welcome")).to_be_visible(timeout=30_000)
        try:
            yield page
        finally:
            context.close()


def wait_for_success(deployment: Deployment, run_id: str) -> None:
    """Return once a run has succeeded, by Airflow's own word: a page that is still loading shows nothing running."""
    airflow = AirflowApi(deployment.base_url, *deployment.admin)
    deadline = time.monotonic() + 120
    while (state := airflow.get_run_state(run_id)) not in ENDED:
        assert time.monotonic() < deadline, f"{run_id} is still {state}"
        time.sleep(0.5)
    assert state == "success"


def test_the_form_triggers_the_plan_and_the_grid_shows_each_label(deployment: Deployment, page: Page) -> None:
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr

    page.goto(f"{deployment.base_url}/dags/train_classifiers")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog").filter(has_text="Run Parameters")
    expect(form.get_by_text("Word2VecAdapter")).to_be_visible()
    page.screenshot(path=ARTEFACTS / "trigger-form.png")
    form.get_by_role("button", name="Trigger").click()

    expect(form).to_be_hidden()
    page.wait_for_url("**/runs/**")
    run_id = page.url.split("/runs/")[1].split("/")[0].split("?")[0]
    wait_for_success(deployment, unquote(run_id))
    page.reload()
    expect(page.get_by_text("finish").first).to_be_visible()
    page.screenshot(path=ARTEFACTS / "run.png")

    page.goto(f"{deployment.base_url}/dags/train_classifiers/runs/{run_id}/tasks/train/mapped")
    labels = page.locator("td a", has_text="word2vec-svm-")
    expect(labels).to_have_count(4)
    page.screenshot(path=ARTEFACTS / "labels.png")
    assert len(set(labels.all_inner_texts())) == 4

    labels.first.click()
    expect(page.get_by_text("macro_f1").first).to_be_visible()
    expect(page.get_by_text("fit_model").first).to_be_visible()
    expect(page.get_by_text("effective words")).to_have_count(0)
    page.screenshot(path=ARTEFACTS / "log.png")
