"""The trigger form, the grid and a definition's log in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from e2e.browser import ARTEFACTS, open_form, open_page, paste, paste_plan, submit
from e2e.deployments import Deployment
from e2e.test_plan_language import BLOCKS, PLAN
from pipeline.plans.example import EXAMPLE_PLAN

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


@pytest.fixture
def page(deployment: Deployment, tmp_path: Path) -> Iterator[Page]:
    """A page of a deployment with the demo's examples, logged in as its administrator."""
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr
    with open_page(deployment, tmp_path) as page:
        yield page


def test_the_form_triggers_the_plan_and_the_grid_shows_each_label(deployment: Deployment, page: Page) -> None:
    form = open_form(deployment, page)
    page.screenshot(path=ARTEFACTS / "trigger-form.png")
    paste(page, form.locator(".monaco-editor").nth(1), EXAMPLE_PLAN["adapter"])
    form.get_by_text("Run Parameters").click()
    form.get_by_role("button", name="Trigger").click()

    expect(form).to_be_hidden()
    page.wait_for_url("**/runs/**")
    run_id = page.url.split("/runs/")[1].split("/")[0].split("?")[0]
    assert deployment.wait_for_end(unquote(run_id)) == "success"
    page.reload()
    expect(page.get_by_text("finish").first).to_be_visible()
    page.screenshot(path=ARTEFACTS / "run.png")

    page.goto(f"{deployment.base_url}/dags/train_classifiers/runs/{run_id}/tasks/train/mapped")
    labels = page.locator("td a", has_text="word2vec-linear-svm-")
    expect(labels).to_have_count(6)
    page.screenshot(path=ARTEFACTS / "labels.png")
    assert len(set(labels.all_inner_texts())) == 6

    labels.first.click()
    expect(page.get_by_text("macro_f1").first).to_be_visible()
    expect(page.get_by_text("fit_model").first).to_be_visible()
    expect(page.get_by_text("effective words")).to_have_count(0)
    page.screenshot(path=ARTEFACTS / "log.png")


def test_the_form_begins_with_an_example_of_the_examples_that_are_there(deployment: Deployment, page: Page) -> None:
    form = open_form(deployment, page)
    dataset, adapter, model = (form.locator(".monaco-editor").nth(number) for number in range(3))

    # all of it in view, in the order in which people write it
    lines = [line.replace("\xa0", " ") for line in dataset.locator(".view-line").all_inner_texts()]
    assert lines[2:7] == [
        *['  "options": {', '    "start_datetime_str": "1993-4-1",', '    "end_datetime_str": "1993-5-18",'],
        *['    "training_ratio": 0.8', "  }"],
    ]
    for editor in (dataset, adapter, model):
        expect(editor.locator(".view-line").last).to_have_text("}")
    expect(form.get_by_role("link", name="New sweep")).to_have_attribute("href", "/plugin/sweep")


def test_every_field_has_a_title_and_help_with_a_way_to_the_reference(deployment: Deployment, page: Page) -> None:
    form = open_form(deployment, page)

    for title in ("Dataset", "Adapter", "Model", "Exclude"):
        expect(form.locator("label", has_text=title).first).to_be_visible()
    expect(form.locator(".monaco-editor:visible")).to_have_count(4)
    link = form.get_by_role("link", name="names and options of every model")
    expect(link).to_be_visible()
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", name="scikit_model_svm")).to_be_visible()
    opened.value.screenshot(path=ARTEFACTS / "reference.png")
    opened.value.close()

    form.get_by_text("Settings", exact=True).click()
    for title in ("Seed", "Sample", "Max definitions", "On existing", "Collapse inert"):
        expect(form.locator("label", has_text=title).first).to_be_visible()
    page.wait_for_timeout(500)  # the section opens slowly
    page.screenshot(path=ARTEFACTS / "trigger-form-settings.png")


def test_a_bad_plan_is_refused_in_the_form_with_the_value_and_what_is_allowed(
    deployment: Deployment, page: Page
) -> None:
    form = open_form(deployment, page)
    bad = {"name": "scikit_model_svm", "options": {"kernel": ["linear", "rfb"]}}
    paste(page, form.locator(".monaco-editor").nth(2), bad)
    form.get_by_text("Run Parameters").click()
    form.get_by_text("Run Parameters").click()

    answer = submit(page, form)

    assert answer.status == 400
    told = form.get_by_text('model.options.kernel[1]: got "rfb"; input should be')
    expect(told).to_be_visible()
    told.scroll_into_view_if_needed()
    page.screenshot(path=ARTEFACTS / "trigger-form-refused.png")


def test_lists_of_blocks_pasted_as_a_whole_plan_reach_the_run_as_they_are(deployment: Deployment, page: Page) -> None:
    form = open_form(deployment, page)
    paste_plan(page, form, BLOCKS)
    page.screenshot(path=ARTEFACTS / "trigger-form-pasted.png")

    answer = submit(page, form)

    assert answer.status == 200, answer.text()
    assert answer.json()["conf"] == BLOCKS
    run_id = answer.json()["dag_run_id"]
    assert deployment.wait_for_end(run_id) == "success"
    ledger = json.loads(deployment.run("runs", "show", run_id, "--json").stdout)
    assert (ledger["trained"], ledger["duplicate"], ledger["excluded"]) == (11, 3, 1)


def test_a_list_of_blocks_and_numbers_written_into_fields_reach_the_run_as_they_are(
    deployment: Deployment, page: Page
) -> None:
    form = open_form(deployment, page)
    models = [PLAN["model"], {"name": "scikit_model_logistic_regression"}]
    paste(page, form.locator(".monaco-editor").nth(2), models)
    called: dict[str, Any] = {"name": "From the form", "note": "two\nlines", "tags": ["form", "numbers"]}
    for name, text in called.items():
        form.locator(f"[name=element_{name}]").fill("\n".join(text) if isinstance(text, list) else text)
    form.locator("[name=element_tags]").scroll_into_view_if_needed()
    page.screenshot(path=ARTEFACTS / "trigger-form-called.png")
    numbers = {"sample": 12, "max_failures": 0.5, "max_minutes": 30, "max_memory_mb": 4000}
    form.get_by_text("Settings", exact=True).click()
    for name, number in numbers.items():
        form.locator(f"[name=element_{name}]").fill(str(number))
    page.screenshot(path=ARTEFACTS / "trigger-form-numbers.png")
    form.get_by_text("Run Parameters").click()
    form.get_by_text("Run Parameters").click()

    answer = submit(page, form)

    assert answer.status == 200, answer.text()
    conf = answer.json()["conf"]
    assert conf["model"] == models
    assert {name: conf[name] for name in numbers | called} == numbers | called
    assert {name: conf[name] for name in ("seed", "exclude", "on_existing", "collapse_inert", "search")} == {
        "seed": 0,
        "search": None,
        "exclude": [],
        "on_existing": "train",
        "collapse_inert": False,
    }
    assert deployment.wait_for_end(answer.json()["dag_run_id"]) == "success"
