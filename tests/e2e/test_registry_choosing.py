"""A leaderboard whose best model was chosen by other examples than those that test it, in a real browser."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from e2e.browser import ARTEFACTS, open_page
from e2e.deployments import ROOT, Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DEMO = json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))
DATASET = DEMO["dataset"] | {"options": DEMO["dataset"]["options"] | {"split": "random", "folds": 3}}
LINEAR = {"name": "scikit_model_logistic_regression", "options": {"C": [0.1, 1.0, 10.0]}}
PLAN = {"dataset": DATASET, "adapter": {"name": "TfidfAdapter"}, "model": LINEAR, "metric": "macro_f1"}


def test_what_chose_the_best_is_shown_beside_the_testing_sets_scores(deployment: Deployment, tmp_path: Path) -> None:
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr
    run_id = deployment.airflow.trigger(PLAN)
    assert deployment.wait_for_end(run_id) == "success"

    shown = deployment.run("runs", "show", run_id).stdout
    assert "macro F1, folds" in shown
    assert "chosen by macro F1 in 3 folds of" in shown
    with open_page(deployment, tmp_path) as page:
        page.set_viewport_size({"width": 1400, "height": 900})
        page.goto(f"{deployment.base_url}/registry/pages/leaderboard?run={quote(run_id)}")
        expect(page.locator("#tested")).to_contain_text(re.compile("Chosen by macro F1 in 3 folds of [0-9]+ training"))
        expect(page.locator("th[aria-sort=descending]")).to_contain_text("Chosen by macro F1")
        cells = page.locator("#board td[data-column='Chosen by']").all_inner_texts()
        page.screenshot(path=ARTEFACTS / "registry-leaderboard-folds.png")
        page.locator("#board tbody tr a").first.click()
        expect(page.locator(".tile", has_text="Validation")).to_contain_text("in 3 folds of")

    assert all(re.fullmatch(r"\s*0[.][0-9]{3} ± 0[.][0-9]{3}\s*", cell) for cell in cells), cells
    assert [cell.split()[0] for cell in cells] == sorted((cell.split()[0] for cell in cells), reverse=True)
