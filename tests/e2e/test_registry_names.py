"""A run that somebody names, tags and describes on its leaderboard, in a real browser."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from e2e.browser import ARTEFACTS, open_page
from e2e.deployments import Deployment
from e2e.test_registry_choosing import PLAN

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DEFINITIONS = 3


def test_a_run_is_named_and_found_by_its_tag(deployment: Deployment, tmp_path: Path) -> None:
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr
    run_id = deployment.airflow.trigger(PLAN)
    assert deployment.wait_for_end(run_id) == "success"

    with open_page(deployment, tmp_path) as page:
        page.goto(f"{deployment.base_url}/registry/pages/leaderboard?run={quote(run_id)}")
        page.get_by_role("button", name="Name this run").click()
        page.get_by_label("Name").fill("Word vectors and a baseline")
        page.get_by_label("Tags").fill("demo, baseline, demo")
        page.get_by_label("Note").fill("Tried first.\nIt is quick.")
        page.screenshot(path=ARTEFACTS / "registry-name-form.png")
        page.get_by_role("button", name="Save").click()

        expect(page.locator(".called b")).to_have_text("Word vectors and a baseline")
        expect(page.locator(".called .mark")).to_have_text(["demo", "baseline"])
        expect(page.locator(".note")).to_have_text("Tried first.\nIt is quick.")
        expect(page.locator(f"select[name=run] option[value='{run_id}']")).to_contain_text(
            f"Word vectors and a baseline ({DEFINITIONS}"
        )
        page.screenshot(path=ARTEFACTS / "registry-named.png")

        page.locator(".called .mark", has_text="baseline").click()
        expect(page.locator("#board tbody tr")).to_have_count(DEFINITIONS)
        expect(page.locator("select[name=tag]")).to_have_value("baseline")
        expect(page.locator("select[name=run] option")).to_have_count(2)  # all runs, and this one

        page.locator("select[name=run]").select_option(run_id)
        page.get_by_role("button", name="Edit name").click()
        for label in ("Name", "Tags", "Note"):
            page.get_by_label(label).fill("")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".called b")).to_have_text(run_id)
        expect(page.get_by_role("button", name="Name this run")).to_be_visible()
