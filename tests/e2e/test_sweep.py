"""A plan that somebody writes on the page New sweep, sees previewed while typing, and trains; in a real browser."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from e2e.browser import ARTEFACTS, log_in
from e2e.deployments import Deployment
from e2e.registry_users import add_user
from pipeline.deployment.home import Home

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

SWEEP = "registry/pages/sweep"
WINDOWS: dict[str, ViewportSize] = {"laptop": {"width": 1440, "height": 900}, "phone": {"width": 375, "height": 812}}


@pytest.fixture
def editor(deployment: Deployment, pages: Page) -> Locator:
    """The editor with the example in it, of which there is a preview."""
    pages.set_viewport_size(WINDOWS["laptop"])
    pages.goto(f"{deployment.base_url}/registry/")  # of the same origin, to forget what was written before
    pages.evaluate("sessionStorage.clear()")
    pages.goto(f"{deployment.base_url}/{SWEEP}")
    expect(pages.locator("#state")).to_contain_text("3 definitions to train")
    return pages.get_by_label("The plan, as JSON")


def put_caret(editor: Locator, behind: str) -> None:
    """Put the caret behind the first occurrence of a text."""
    editor.evaluate(
        "(area, text) => { const at = area.value.indexOf(text) + text.length; area.focus(); "
        "area.setSelectionRange(at, at); }",
        behind,
    )


def test_the_example_fits_the_examples_that_are_there(editor: Locator, pages: Page) -> None:
    options = json.loads(editor.input_value())["dataset"]["options"]

    assert [*options] == ["start_datetime_str", "end_datetime_str", "training_ratio"]
    assert options["end_datetime_str"] == ["1993-5-18"]
    expect(pages.locator("#preview")).to_contain_text("SpanDataset selects 200 examples of collection default.")
    expect(pages.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_names_options_and_values_are_completed_by_keyboard(editor: Locator, pages: Page) -> None:
    editor.fill("")
    pages.keyboard.type('{"adapter": {"name": "Word')
    choices = pages.get_by_role("listbox").get_by_role("option")
    expect(choices).to_have_text(["Word2VecAdapter", "WordFrequencyAdapter"])
    expect(choices.first).to_have_attribute("aria-selected", "true")
    assert editor.get_attribute("aria-activedescendant") == choices.first.get_attribute("id")
    pages.screenshot(path=ARTEFACTS / "sweep-completing.png")
    pages.keyboard.press("ArrowDown")
    pages.keyboard.press("Enter")
    expect(pages.get_by_role("listbox")).to_be_hidden()

    assert json.loads(editor.input_value() + "}}")["adapter"]["name"] == "WordFrequencyAdapter"
    options = json.loads(editor.input_value() + "}}")["adapter"]["options"]
    assert [*options] == ["sequence_length", "vocabulary_size"]  # those that have no default
    editor.fill('{"model": {"name": "scikit_model_svm", "options": {}}}')
    put_caret(editor, '"options": {')
    pages.keyboard.press("Control+Space")
    expect(pages.locator(".popup")).to_contain_text('default "rbf"')
    pages.keyboard.type("ker")
    pages.keyboard.press("Enter")
    pages.keyboard.press("Delete")  # the default is selected
    pages.keyboard.type("po")
    expect(choices).to_have_text(["poly"])
    pages.keyboard.press("Escape")
    pages.keyboard.type("ly")
    assert json.loads(editor.input_value())["model"]["options"] == {"kernel": ["poly"]}


@pytest.mark.parametrize(
    ("before", "typed", "after", "expected"),
    [
        (
            '{"adapter": {"name": "TfidfAdapter", "options": {',
            '"mi',
            '}}, "model": {}}',
            '"options": {"min_df": [1]}}, "model": {}}',
        ),
        (
            '{"model": {"name": ',
            '"linear_s',
            ', "options": {}}}',
            '{"name": "scikit_model_linear_svm", "options": {}}}',
        ),
    ],
)
def test_completing_leaves_what_follows_on_the_line(
    editor: Locator, pages: Page, before: str, typed: str, after: str, expected: str
) -> None:
    editor.fill(before + after)
    editor.press("Control+Home")
    for _ in before:
        editor.press("ArrowRight")

    pages.keyboard.type(typed)
    expect(pages.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    pages.keyboard.press("Enter")

    assert editor.input_value().endswith(expected), editor.input_value()


def test_what_is_written_at_one_address_is_not_lost_at_another(
    deployment: Deployment, editor: Locator, pages: Page
) -> None:
    editor.fill('{"name": "a draft"}')
    pages.goto(f"{deployment.base_url}/{SWEEP}?run=nonsense")
    expect(pages.locator("#problem")).to_contain_text("there is no plan of 'nonsense'")
    expect(editor).not_to_have_value(re.compile("a draft"))
    pages.goto(f"{deployment.base_url}/{SWEEP}")

    expect(editor).to_have_value('{"name": "a draft"}')


def test_what_is_wrong_is_not_tidied_up(editor: Locator, pages: Page) -> None:
    tidy = pages.get_by_role("button", name="Tidy up")
    expect(tidy).to_be_enabled()
    editor.fill('{"seed": 1e400, "seed": 2}')

    expect(tidy).to_be_disabled()
    assert editor.input_value() == '{"seed": 1e400, "seed": 2}'


def test_a_finding_leads_to_its_place_and_holds_training_back(editor: Locator, pages: Page) -> None:
    editor.fill(editor.input_value().replace("scikit_model_linear_svm", "scikit_model_lineer_svm"))

    finding = pages.locator("#findings button")
    expect(finding).to_contain_text("model.name unknown name")
    expect(pages.locator("#findings")).to_contain_text("did you mean scikit_model_linear_svm")
    expect(pages.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    expect(pages.locator("#why")).to_have_text("Correct 1 thing first.")
    expect(pages.locator(".gutter .wrong")).to_have_count(1)
    pages.screenshot(path=ARTEFACTS / "sweep-finding.png")

    finding.click()
    caret = editor.evaluate("area => area.selectionStart")
    assert editor.input_value()[caret:].startswith('"name": "scikit_model_lineer_svm"')
    pages.reload()  # what was written stays
    expect(finding).to_be_visible()


def test_keys_indent_and_do_not_trap(editor: Locator, pages: Page) -> None:
    editor.fill("")
    pages.keyboard.type('{\n"seed": 1')
    assert editor.input_value() == '{\n  "seed": 1'
    pages.keyboard.type("\n}")
    assert editor.input_value() == '{\n  "seed": 1\n}'
    pages.keyboard.press("Tab")
    assert editor.input_value().endswith("}  ")
    pages.keyboard.press("Control+A")
    pages.keyboard.press("Shift+Tab")
    assert editor.input_value() == '{\n"seed": 1\n}  '
    pages.keyboard.press("Escape")
    pages.keyboard.press("Tab")
    expect(editor).not_to_be_focused()


def test_an_older_answer_never_replaces_a_newer_one(editor: Locator, pages: Page) -> None:
    plan, held = editor.input_value(), list[Route]()

    def hold_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    pages.route("**/plans/preview", hold_first)
    with pages.expect_request("**/plans/preview"):
        editor.fill(plan.replace("0.8", "0.5, 0.6"))
    editor.fill(plan.replace("0.8", "0.5, 0.6, 0.7"))
    expect(pages.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    expect(pages.locator("#why")).to_have_text("The plan is being checked …")

    with pages.expect_request("**/plans/preview") as asked:  # only now is the newer one asked for
        held[0].continue_()

    expect(pages.locator("#state")).to_contain_text("9 definitions to train")
    assert json.loads(asked.value.post_data or "")["plan"] == editor.input_value()
    assert len(held) == 2
    pages.unroute("**/plans/preview")


def test_classes_are_counted_by_a_worker_and_the_plan_is_trained(
    deployment: Deployment, editor: Locator, pages: Page
) -> None:
    pages.get_by_role("button", name="Count classes").click()
    expect(pages.locator("#count")).to_be_disabled()
    rows = pages.locator("table.classes tbody tr")
    expect(rows).to_have_count(2)
    expect(pages.locator("table.classes")).to_contain_text("alt.atheism")
    expect(pages.locator("#count")).to_have_count(0)
    for name, size in WINDOWS.items():
        pages.set_viewport_size(size)
        pages.screenshot(path=ARTEFACTS / f"sweep-{name}.png", full_page=True)
        assert pages.evaluate("document.documentElement.scrollWidth") <= size["width"]

    editor.click()
    pages.keyboard.press("Control+Enter")
    pages.wait_for_url("**/leaderboard?run=*")
    expect(pages.locator("#summary")).to_have_text("3 trained")
    run_id = pages.locator("select[name=run]").input_value()
    assert deployment.wait_for_end(run_id) == "success"

    pages.get_by_role("link", name="Train again with changes").click()
    expect(pages.locator("#state")).to_contain_text("on one core")  # there are models like these now
    assert pages.url.endswith(f"?run={quote(run_id, safe='')}")
    assert [*json.loads(editor.input_value())] == ["dataset", "adapter", "model"]


@pytest.fixture
def viewer(deployment: Deployment, pages: Page) -> Iterator[Page]:
    """The pages, while a viewer is logged in."""
    log_in(deployment, pages, *add_user(deployment, "viewer"))
    yield pages
    log_in(deployment, pages, *deployment.admin)


def test_a_viewer_sees_the_preview_and_cannot_train(viewer: Page, editor: Locator) -> None:
    expect(viewer.locator("#why")).to_contain_text("You cannot train: only users who may trigger the DAG")
    expect(viewer.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    editor.fill(editor.input_value().replace("0.8", "0.7"))
    expect(viewer.locator("#count")).to_be_disabled()
    editor.press("Control+Enter")
    viewer.screenshot(path=ARTEFACTS / "sweep-viewer.png")
    assert viewer.url.endswith(SWEEP)


def test_a_count_that_fails_says_why(deployment: Deployment, editor: Locator, pages: Page) -> None:
    editor.fill(editor.input_value().replace("0.8", "0.75"))
    button = pages.get_by_role("button", name="Count classes")
    pages.route("**/api/v2/dags/preview_plan/dagRuns", lambda route: route.fulfill(status=403, json={"detail": "no"}))
    button.click()
    expect(pages.locator("#preview .error")).to_have_text("Not counted: You may not trigger preview_plan.")
    pages.unroute("**/api/v2/dags/preview_plan/dagRuns")

    keys = Home(deployment.home).examples_keys
    away = keys.rename(keys.with_suffix(".away"))
    try:
        button.click()
        expect(pages.locator("#preview")).to_contain_text("The count has failed")
    finally:
        away.rename(keys)
    expect(pages.locator("#preview")).to_contain_text("Not counted: SpanDataset: ")
    expect(pages.locator("#preview")).to_contain_text("cannot be read")
    assert "/dags/preview_plan/runs/" in (pages.get_by_role("link", name="Its log").get_attribute("href") or "")
    pages.screenshot(path=ARTEFACTS / "sweep-not-counted.png", full_page=True)
    button.click()
    expect(pages.locator("table.classes")).to_be_visible()
