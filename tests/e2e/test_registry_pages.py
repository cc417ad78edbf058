"""The registry's pages in a real browser, inside Airflow's own, during a run and after."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from e2e.browser import ARTEFACTS, list_barriers
from e2e.deployments import ROOT, Deployment
from e2e.test_main_job import DAG_RUNS
from factories import list_labels
from holding import held
from pipeline.training.adapted_model import AdaptedModel

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DEMO = json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))
LINEAR = {"name": "scikit_model_logistic_regression", "options": {"C": [0.1, 1.0, 10.0]}}
PLAN = DEMO | {"model": [DEMO["model"], LINEAR, {"name": "scikit_model_majority"}]}
DEFINITIONS = 4 * (2 + 3 + 1)
WINDOWS = {"laptop": {"width": 1440, "height": 900}, "phone": {"width": 375, "height": 812}}


@pytest.fixture(scope="module")
def run_id(deployment: Deployment, pages: Page) -> str:
    """A run that has ended; while it went on, its tab showed how far it was."""
    with held(deployment.models_db, list_labels(PLAN)[-1:]):
        run_id = deployment.airflow.trigger(PLAN)
        pages.goto(f"{deployment.base_url}/dags/train_classifiers/runs/{quote(run_id)}/plugin/leaderboard")
        board = pages.frame_locator("iframe")
        live = board.locator("#summary", has_text="live")
        expect(live).to_be_visible()
        expect(board.locator("td .state.trained").first).to_be_visible()
        pages.screenshot(path=ARTEFACTS / "registry-leaderboard-live.png")
    assert deployment.wait_for_end(run_id) == "success"
    # nobody loads it anew
    expect(board.locator("#summary")).to_have_text(f"{DEFINITIONS} trained")
    return run_id


@pytest.fixture
def board(deployment: Deployment, pages: Page, run_id: str) -> FrameLocator:
    """The leaderboard of the run, in its tab."""
    pages.set_viewport_size({"width": 1400, "height": 1500})
    pages.goto(f"{deployment.base_url}/dags/train_classifiers/runs/{quote(run_id)}/plugin/leaderboard")
    frame = pages.frame_locator("iframe")
    expect(frame.locator("#board tbody tr")).to_have_count(DEFINITIONS)
    return frame


def read_column(board: FrameLocator, name: str) -> list[float]:
    """Return the numbers in a column of the leaderboard."""
    cells = board.locator(f"#board td[data-column='{name}']").all_inner_texts()
    return [float(cell.replace("−", "-").replace("+", "").replace(",", "")) for cell in cells]


def test_the_navigation_leads_to_the_leaderboard_of_all_runs(deployment: Deployment, pages: Page, run_id: str) -> None:
    pages.goto(deployment.base_url)
    pages.get_by_role("button", name="Plugins").click()
    pages.get_by_role("menuitem", name="Models").click()

    board = pages.frame_locator("iframe")
    expect(board.locator("#board tbody tr").first).to_be_visible()
    expect(board.locator("select[name=run]")).to_have_value("")
    assert run_id in board.locator("select[name=run]").inner_text()
    pages.screenshot(path=ARTEFACTS / "registry-navigation.png")


def test_a_page_that_a_busy_server_refuses_asks_again(deployment: Deployment, pages: Page, run_id: str) -> None:
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        busy = {"status": 503, "detail": "the server is busy"}
        route.fulfill(status=503, headers={"Retry-After": "1"}, json=busy)

    pages.route("**/registry/runs?*", refuse_once)
    pages.goto(f"{deployment.base_url}/registry/pages/leaderboard?run={quote(run_id)}")

    expect(pages.locator("#board tbody tr")).to_have_count(DEFINITIONS)
    expect(pages.locator("select[name=run] option", has_text=run_id)).to_have_count(1)
    expect(pages.locator("#problem")).to_be_hidden()
    assert refused
    pages.unroute("**/registry/runs?*")


def test_a_click_on_a_column_sorts_by_it(board: FrameLocator) -> None:
    assert read_column(board, "Accuracy") == sorted(read_column(board, "Accuracy"), reverse=True)

    board.get_by_role("button", name="Macro F1").click()
    expect(board.locator("th[aria-sort=descending]")).to_contain_text("Macro F1")
    assert read_column(board, "Macro F1") == sorted(read_column(board, "Macro F1"), reverse=True)
    board.get_by_role("button", name="Macro F1").press("Enter")
    expect(board.locator("th[aria-sort=ascending]")).to_contain_text("Macro F1")
    assert read_column(board, "Macro F1") == sorted(read_column(board, "Macro F1"))


def test_a_click_on_a_state_lists_what_is_in_it(board: FrameLocator) -> None:
    board.locator("#summary").get_by_role("button", name=f"{DEFINITIONS} trained").click()

    expect(board.locator("select[name=state]")).to_have_value("trained")
    expect(board.locator("#board tbody tr")).to_have_count(DEFINITIONS)
    board.get_by_role("button", name="Clear filters").click()
    expect(board.locator("select[name=state]")).to_have_value("")
    expect(board.locator("#board tbody tr")).to_have_count(DEFINITIONS)  # still those of the run


def test_filters_leave_what_fits_and_clear_brings_all_back(board: FrameLocator) -> None:
    board.get_by_label("Model").select_option("scikit_model_logistic_regression")
    expect(board.locator("#board tbody tr")).to_have_count(12)
    board.get_by_label("Option").select_option("model.C:0.1")
    expect(board.locator("#board tbody tr")).to_have_count(4)
    board.get_by_label("Label").fill("no such label")
    expect(board.locator("#summary")).to_have_text("No definition matches these filters.")

    board.get_by_role("button", name="Clear filters").click()
    expect(board.get_by_label("Model")).to_have_value("")


def test_the_best_and_what_ties_with_it_are_marked(board: FrameLocator) -> None:
    expect(board.locator(".mark.best")).to_have_count(1)
    expect(board.locator("#board tbody tr").first.locator(".mark.best")).to_be_visible()
    expect(board.locator(".mark", has_text="tie").first).to_be_visible()
    worst = board.locator("#board tbody tr").last
    expect(worst).to_contain_text("majority")
    expect(worst.locator(".mark", has_text="tie")).to_have_count(0)


def test_a_row_leads_to_the_log_of_its_training(board: FrameLocator, pages: Page) -> None:
    row = board.locator("#board tbody tr").first
    label = row.get_attribute("data-label")
    row.get_by_role("link", name=re.compile("^Log of")).click()

    pages.wait_for_url("**/tasks/train/mapped/**")
    expect(pages.get_by_text("macro_f1").first).to_be_visible()
    # what the log itself says it has stored: the page around it names other labels, too
    expect(pages.get_by_text(re.compile(rf"stored.*label={label}")).first).to_be_visible()


def test_every_row_leads_to_the_log_that_says_its_label(board: FrameLocator, client: httpx.Client) -> None:
    rows = board.locator("#board tbody tr").all()
    labels = [str(row.get_attribute("data-label")) for row in rows]
    links = [str(row.get_by_role("link", name=re.compile("^Log of")).get_attribute("href")) for row in rows]

    stored = []
    for link in links:
        run_id, map_index = re.findall(r"runs/([^/]+)/tasks/train/mapped/([0-9]+)$", link)[0]
        log = client.get(f"{DAG_RUNS}/{run_id}/taskInstances/train/logs/1", params={"map_index": map_index})
        stored += [line["label"] for line in log.json()["content"] if line["event"] == "stored"]

    assert stored == labels


def test_chosen_models_are_compared(board: FrameLocator, pages: Page) -> None:
    rows = board.locator("#board tbody tr")
    rows.nth(0).get_by_role("checkbox").check()
    expect(board.get_by_text("Select another model to compare")).to_be_visible()
    rows.nth(DEFINITIONS - 1).get_by_role("checkbox").press("Space")
    board.get_by_role("link", name="Compare 2 models").click()

    expect(board.get_by_role("heading", name="Options that differ")).to_be_visible()
    expect(board.get_by_text("A is better")).to_be_visible()
    expect(board.get_by_role("heading", name=re.compile("Disagreements on [0-9]+ testing examples"))).to_be_visible()
    pages.screenshot(path=ARTEFACTS / "registry-compare.png")


def test_a_model_is_chosen_by_a_tap_on_a_phone(deployment: Deployment, pages: Page, run_id: str) -> None:
    pages.set_viewport_size({"width": WINDOWS["phone"]["width"], "height": WINDOWS["phone"]["height"]})
    pages.goto(f"{deployment.base_url}/registry/pages/leaderboard?run={quote(run_id)}")

    pages.locator("#board input[type=checkbox]").first.check()

    expect(pages.get_by_text("Select another model to compare")).to_be_visible()


def test_a_model_is_tried_downloaded_and_pointed_at(board: FrameLocator, pages: Page, tmp_path: Path) -> None:
    board.get_by_label("Model").select_option("scikit_model_logistic_regression")
    expect(board.locator("#board tbody tr")).to_have_count(12)
    board.locator("#board tbody tr a").first.click()
    expect(board.get_by_role("group", name=re.compile("Confusion matrix"))).to_be_visible()

    text = "a shuttle in its orbit"
    board.get_by_label("A text").fill(text)
    board.get_by_label("A text").press("Control+Enter")
    answer = board.locator("#class")
    expect(answer).to_be_visible()
    expect(board.locator("#answer table")).to_contain_text("%")
    pages.screenshot(path=ARTEFACTS / "registry-model.png")

    with pages.expect_download() as downloaded:
        board.get_by_role("link", name="Download as JSON").click()
    downloaded.value.save_as(tmp_path / "document.json")
    model = AdaptedModel.from_document((tmp_path / "document.json").read_bytes())
    assert model.classify([text]) == [answer.inner_text()]

    board.get_by_label("Alias", exact=True).fill("champion")
    board.get_by_label("Why").fill("tried in the browser")
    board.get_by_role("button", name="Point it here").click()
    expect(board.locator("#moved")).to_have_text("@champion now points here.")
    board.get_by_role("link", name="All aliases and their history").click()
    board.get_by_role("button", name="History of @champion").click()
    expect(board.locator("#moves")).to_contain_text("tried in the browser")
    expect(board.locator("#moves")).to_contain_text("admin")


def test_an_alias_is_taken_away_with_a_reason(deployment: Deployment, pages: Page, run_id: str) -> None:
    base = f"{deployment.base_url}/registry"
    [row, *_] = pages.request.get(f"{base}/definitions", params={"run": run_id}).json()["items"]
    moved = pages.request.put(f"{base}/aliases/passing", data={"model": row["label"], "reason": "for a while"})
    assert moved.ok, moved.text()
    pages.goto(f"{base}/pages/aliases")

    pages.get_by_role("button", name="Remove @passing").click()
    pages.get_by_label("Why").fill("its time is over")
    pages.get_by_role("button", name="Remove", exact=True).click()

    expect(pages.get_by_text("@passing", exact=True)).to_have_count(0)
    assert pages.request.get(f"{base}/aliases/passing").status == 404
    last = pages.request.get(f"{base}/aliases/passing/moves").json()["items"][0]
    assert (last["label"], last["reason"], last["moved_by"]) == (None, "its time is over", deployment.admin[0])


def test_an_alias_without_a_reason_is_not_moved(board: FrameLocator) -> None:
    board.locator("#board tbody tr a").first.click()
    board.get_by_label("Alias", exact=True).fill("challenger")
    board.get_by_label("Why").fill(" ")
    board.get_by_role("button", name="Point it here").click()

    expect(board.locator("#moved")).to_contain_text("no reason given")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_every_page_fits_its_window_in_either_theme(
    deployment: Deployment, pages: Page, run_id: str, window: str, theme: str
) -> None:
    pages.set_viewport_size({"width": WINDOWS[window]["width"], "height": WINDOWS[window]["height"]})
    pages.goto(deployment.base_url)
    pages.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    base = f"{deployment.base_url}/registry"
    found = pages.request.get(f"{base}/definitions", params={"run": run_id, "limit": 2}).json()["items"]
    labels = [row["label"] for row in found]
    errors: list[str] = []
    pages.on("pageerror", lambda error: errors.append(str(error)))
    for name, query in {
        "leaderboard": f"run={quote(run_id)}",
        "model": f"model={labels[0]}",
        "compare": f"model={labels[0]}&model={labels[1]}",
        "pictures": f"run={quote(run_id)}",
        "options": f"run={quote(run_id)}",
        "sweep": f"run={quote(run_id)}",
        "aliases": "",
        "api": "",
    }.items():
        pages.goto(f"{base}/pages/{name}?{query}", wait_until="networkidle")
        expect(pages.locator("html")).to_have_attribute("data-theme", theme)
        expect(pages.locator("h1")).to_be_visible()
        expect(pages.locator("#problem")).to_be_hidden()
        expect(pages.locator("#content > *").first).to_be_visible()
        assert pages.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert "[object" not in pages.locator("main").inner_text()
        assert list_barriers(pages) == [], name
        pages.screenshot(path=ARTEFACTS / f"registry-{name}-{window}-{theme}.png", full_page=True)
    assert errors == []


def test_which_option_matters_names_what_decides_first(deployment: Deployment, pages: Page, run_id: str) -> None:
    pages.set_viewport_size({"width": 1280, "height": 800})
    pages.goto(f"{deployment.base_url}/registry/pages/options?run={quote(run_id)}")

    first = pages.locator(".effects article").first
    expect(first.locator("h3")).to_have_text("model")
    expect(first.get_by_role("button", name="Leave out scikit_model_majority")).to_be_visible()
    pages.get_by_label("Score").select_option("training_seconds")
    expect(pages.locator(".effects").first).to_be_visible()
    expect(pages).to_have_url(re.compile("score=training_seconds"))
