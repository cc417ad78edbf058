"""A real headless Chromium, and Airflow's trigger form in it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Response, expect, sync_playwright

from e2e.deployments import ROOT, Deployment

ARTEFACTS = ROOT / "test-artefacts"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

expect.set_options(timeout=90_000)  # pages load while the machine trains


def find_chromium() -> str:
    """Return where Chromium is; without one the test is skipped, in CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("no Chromium, and in CI there must be one")
    pytest.skip("no Chromium on this machine")


@contextmanager
def open_page(deployment: Deployment, profile: Path) -> Iterator[Page]:
    """Open a page of the deployment's UI, logged in as its administrator."""
    ARTEFACTS.mkdir(exist_ok=True)
    executable = find_chromium()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=executable,
            args=FLAGS,
            viewport={"width": 1400, "height": 1500},
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = context.new_page()
        page.set_default_timeout(90_000)
        log_in(deployment, page, *deployment.admin)
        try:
            yield page
        finally:
            context.close()


def log_in(deployment: Deployment, page: Page, username: str, password: str) -> None:
    """Log in on a page as a user, in place of whoever was logged in."""
    page.context.clear_cookies()
    page.goto(deployment.base_url)
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    expect(page.get_by_text("Welcome")).to_be_visible()


def open_form(deployment: Deployment, page: Page) -> Locator:
    """Open the trigger form and return it."""
    page.goto(f"{deployment.base_url}/dags/train_classifiers")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog").filter(has_text="Run Parameters")
    expect(form.get_by_text('"TfidfAdapter"', exact=True)).to_be_visible()  # in an editor, not in a help text
    expect(form.get_by_text('"sublinear_tf"')).to_be_visible()  # the editor has laid it out over lines
    return form


def paste(page: Page, editor: Locator, value: Any) -> None:
    """Paste a JSON value over what an editor holds, as a person does."""
    page.evaluate("text => navigator.clipboard.writeText(text)", json.dumps(value, indent=2))
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")
    expect(editor).to_contain_text("}")


def paste_plan(page: Page, form: Locator, plan: Any) -> None:
    """Paste a whole plan under Configuration JSON."""
    form.get_by_role("button", name="Advanced Options").click()
    paste(page, form.locator(".monaco-editor").last, plan)
    form.locator("label", has_text="Configuration JSON").click()  # leaves the editor


def submit(page: Page, form: Locator) -> Response:
    """Click Trigger and return what the API answered."""
    with page.expect_response(lambda answer: answer.request.method == "POST" and "dagRuns" in answer.url) as answered:
        form.get_by_role("button", name="Trigger").last.click()
    return answered.value


def list_barriers(page: Page) -> list[str]:
    """Return what axe finds on a page that keeps people from using it, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
