"""The pictures of runs and models in a real browser: their marks, keys, tables and files."""

import csv
import json
import re
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.browser import ARTEFACTS
from e2e.deployments import ROOT, Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DEMO = json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))
ADAPTERS = [{"name": "TfidfAdapter", "options": {"min_df": [1, 3]}}, {"name": "HashingAdapter"}]
MODELS = [
    {"name": "scikit_model_logistic_regression", "options": {"C": [0.1, 10.0]}},
    {"name": "scikit_model_complement_naive_bayes"},
    {"name": "scikit_model_majority"},
]
PLAN = DEMO | {"adapter": ADAPTERS, "model": MODELS, "name": "Pictures"}
MODELS_OF_RUN = 3 * 4


@pytest.fixture(scope="module")
def runs(deployment: Deployment, pages: Page) -> dict[str, str]:
    """A run of a whole plan, and one with a search, by name."""
    del pages
    plans = {"whole": PLAN, "search": PLAN | {"search": {"factor": 3}, "on_existing": "train"}}
    started = {name: deployment.airflow.trigger(plan) for name, plan in plans.items()}
    for run_id in started.values():
        assert deployment.wait_for_end(run_id) == "success"
    return started


@pytest.fixture
def pictures(deployment: Deployment, pages: Page, runs: dict[str, str]) -> Page:
    """The pictures of the whole run."""
    pages.set_viewport_size({"width": 1440, "height": 900})
    pages.goto(f"{deployment.base_url}/registry/pages/pictures?run={quote(runs['whole'])}")
    expect(pages.locator("#score-and-training-seconds .dot")).to_have_count(MODELS_OF_RUN)
    return pages


def walk(picture: Locator) -> list[str]:
    """Return what a picture says of its marks, one key press after the other."""
    canvas, readout = picture.locator(".canvas"), picture.locator(".readout")
    canvas.focus()
    canvas.press("Home")
    said = [readout.inner_text()]
    for _ in range(picture.locator("[data-text]").count() - 1):
        canvas.press("ArrowRight")
        said.append(readout.inner_text())
    return said


def save(pages: Page, picture: Locator, name: str, folder: Path) -> Path:
    """Save a file of a picture with its button."""
    with pages.expect_download() as downloaded:
        picture.get_by_role("button", name=name, exact=True).click()
    path = folder / downloaded.value.suggested_filename
    downloaded.value.save_as(path)
    return path


def test_a_point_is_a_model_and_the_keys_walk_through_all(pictures: Page) -> None:
    picture = pictures.locator("#score-and-training-seconds")
    expect(pictures.get_by_role("button", name="Draw it anew")).to_be_hidden()  # the run has ended

    said = walk(picture)

    assert len({text.partition(":")[0] for text in said}) == MODELS_OF_RUN
    assert sum("the best" in text.split("(")[0] and "ties" not in text for text in said) == 1
    assert picture.locator(".dot.best").count() == 1
    picture.locator(".canvas").press("End")
    best = picture.locator(".readout").inner_text().partition(":")[0]
    picture.locator(".canvas").press("Enter")
    expect(pictures.locator("h1")).to_contain_text(best)
    pictures.go_back()


def test_a_mark_stands_out_in_every_picture(pictures: Page) -> None:
    pictures.locator("#score-and-training-seconds .dot").last.hover()

    picked = pictures.locator(".picked")
    expect(pictures.locator("#score-and-size-bytes .dot.picked")).to_have_count(1)
    expect(pictures.locator("#options .series.picked")).to_have_count(1)
    expect(pictures.locator("#timeline .bar.picked")).to_have_count(1)
    assert len({mark.get_attribute("data-key") for mark in picked.all()}) == 1


def test_the_tables_and_files_say_what_the_pictures_show(pictures: Page, tmp_path: Path) -> None:
    picture = pictures.locator("#score-and-size-bytes")
    picture.get_by_text("Table").click()
    rows = picture.locator("tbody tr")
    expect(rows).to_have_count(MODELS_OF_RUN)

    written = [*csv.reader(save(pictures, picture, "CSV", tmp_path).read_text(encoding="utf-8").splitlines())]
    drawn = ElementTree.parse(save(pictures, picture, "SVG", tmp_path)).getroot()  # noqa: S314 - our own file

    assert [row[0] for row in written[1:]] == [row.locator("td").first.inner_text() for row in rows.all()]
    sizes = [int(row[1]) for row in written[1:]]
    assert min(sizes) > 0
    svg = "{http://www.w3.org/2000/svg}"
    assert len([each for each in drawn.iter(f"{svg}circle") if "dot" in each.get("class", "")]) == MODELS_OF_RUN
    style = drawn.find(f"{svg}style")
    assert style is not None
    assert style.text
    assert ".chart" in style.text
    assert "var(" not in style.text


def test_what_is_left_out_leaves_every_picture_and_comes_back(pictures: Page) -> None:
    pictures.get_by_role("button", name="Leave out HashingAdapter").click()

    dots = pictures.locator("#score-and-training-seconds .dot")
    expect(dots).to_have_count(MODELS_OF_RUN * 2 // 3)
    expect(pictures).to_have_url(re.compile("without=adapter.name"))
    pictures.reload()
    expect(dots).to_have_count(MODELS_OF_RUN * 2 // 3)
    pictures.get_by_role("link", name="Which option matters").last.click()
    pictures.go_back()
    pictures.get_by_role("button", name="Take in HashingAdapter again").click()
    expect(dots).to_have_count(MODELS_OF_RUN)


def test_the_picture_of_a_search_shows_what_it_stopped(
    deployment: Deployment, pages: Page, runs: dict[str, str]
) -> None:
    pages.goto(f"{deployment.base_url}/registry/pages/pictures?run={quote(runs['search'])}")

    growth = pages.locator("#growth")
    expect(growth).to_contain_text("How scores grew in the search")
    expect(growth.locator(".series.stopped").first).to_be_visible()
    assert any(text.endswith("; stopped") for text in walk(growth))
    expect(pages.locator("#timeline .bar.trial").first).to_be_visible()
    pages.screenshot(path=ARTEFACTS / "pictures-search.png", full_page=True)


def test_options_that_lose_are_named(deployment: Deployment, pages: Page, runs: dict[str, str]) -> None:
    pages.goto(f"{deployment.base_url}/registry/pages/options?run={quote(runs['whole'])}")

    heading = pages.get_by_role("heading", name="What the plan could leave out")
    expect(heading).to_be_visible()
    found = pages.request.get(f"{deployment.base_url}/registry/runs/{quote(runs['whole'])}/trainings").json()
    lost = set()
    for place, option in enumerate(found["options"]):
        good = {each["values"][place] for each in found["definitions"] if each["best"] or each["tie"]}
        lost |= {value for number, value in enumerate(option["values"]) if number not in good}
    told = pages.locator(
        "h2:has-text('What the plan could leave out') ~ .scroll td[data-column=Value]"
    ).all_inner_texts()
    assert set(told) == lost
    together = pages.get_by_role("heading", name="Which options matter together")
    expect(together).to_be_visible()
    pages.screenshot(path=ARTEFACTS / "pictures-options.png", full_page=True)


def test_a_model_shows_curves_confusions_and_versions(
    deployment: Deployment, pages: Page, runs: dict[str, str]
) -> None:
    found = pages.request.get(
        f"{deployment.base_url}/registry/definitions",
        params={"run": runs["search"], "state": "trained", "limit": 1},
    ).json()["items"]
    pages.goto(f"{deployment.base_url}/registry/pages/model?model={found[0]['label']}")

    for name in ("confusion-matrix", "classes", "reliability", "precision-recall", "versions", "history"):
        expect(pages.locator(f"#{name} svg")).to_be_visible()
    expect(pages.get_by_role("heading", name="The largest confusions")).to_be_visible()
    assert len(walk(pages.locator("#versions"))) == 2
    assert sum("(this one)" in text for text in walk(pages.locator("#history"))) == 1


def test_a_model_without_probabilities_has_no_curves(deployment: Deployment, pages: Page) -> None:
    plan = {**PLAN, "adapter": ADAPTERS[1], "model": {"name": "scikit_model_linear_svm"}}
    run_id = deployment.airflow.trigger(plan)
    assert deployment.wait_for_end(run_id) == "success"
    base = f"{deployment.base_url}/registry"
    [row] = pages.request.get(f"{base}/definitions", params={"run": run_id}).json()["items"]

    pages.goto(f"{base}/pages/model?model={row['label']}", wait_until="networkidle")

    expect(pages.locator("#confusion-matrix svg")).to_be_visible()
    expect(pages.get_by_text("Without probabilities there are no curves")).to_be_visible()
    expect(pages.locator("#problem")).to_be_hidden()


def test_a_comparison_says_first_what_does_not_compare(
    deployment: Deployment, pages: Page, runs: dict[str, str]
) -> None:
    dataset = DEMO["dataset"] | {"options": DEMO["dataset"]["options"] | {"training_ratio": [0.6]}}
    other = deployment.airflow.trigger({**PLAN, "dataset": dataset, "adapter": ADAPTERS[0], "model": MODELS[1]})
    assert deployment.wait_for_end(other) == "success"
    base = f"{deployment.base_url}/registry"
    one, two = (
        pages.request.get(f"{base}/definitions", params={"run": run, "limit": 1}).json()["items"][0]["label"]
        for run in (runs["whole"], other)
    )

    pages.goto(f"{base}/pages/compare?model={one}&model={two}")

    limits = pages.get_by_role("note")
    expect(limits).to_contain_text(re.compile(r"A on [0-9]+ examples, B on [0-9]+ examples"))
    expect(pages.locator("#gains-B .gain, #gains-B .loss").first).to_be_visible()
    assert limits.bounding_box()["y"] < pages.locator("table").first.bounding_box()["y"]  # type: ignore[index]
