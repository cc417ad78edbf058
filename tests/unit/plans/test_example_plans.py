"""The example plans are good plans."""

import json
from pathlib import Path

import pytest

from pipeline.plans import check_plan, read_plan
from pipeline.plans.example import EXAMPLE_PLAN

PLANS = sorted((Path(__file__).parents[3] / "include/plans").glob("*.json"))


def test_there_are_example_plans() -> None:
    assert len(PLANS) >= 3


@pytest.mark.parametrize("path", PLANS, ids=[path.stem for path in PLANS])
def test_an_example_plan_checks_clean(path: Path) -> None:
    assert check_plan(read_plan(path)) == []


def test_the_trigger_form_shows_one_of_them() -> None:
    path = next(path for path in PLANS if path.stem == "word2vec_svm")

    assert json.loads(path.read_text(encoding="utf-8")) == EXAMPLE_PLAN
