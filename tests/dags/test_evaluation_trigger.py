"""What the API server answers to a request for an evaluation."""

from typing import Any

import pytest

from pipeline.plans.errors import Finding
from pipeline_airflow.trigger_check import EVALUATION_TRIGGER
from sending import send


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A models database in which only `known` is stored."""

    def find(models: tuple[str, ...], _: Any) -> list[Finding]:
        return [
            Finding(f"models[{place}]", f"there is no {each!r}") for place, each in enumerate(models) if each != "known"
        ]

    monkeypatch.setattr("pipeline.runs.evaluation_request.find_missing_models", find)
    monkeypatch.setattr("pipeline_airflow.connections.registry_database", lambda: None)


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize(
    ("conf", "told"),
    [
        (None, ["models: missing"]),
        (
            {"models": ["known"], "form": "2016-1-1"},
            ["form: unknown key", "known are models, dataset, collection, from, to"],
        ),
        (
            {"models": [], "from": "2016-2-30"},
            ["the evaluation has 2 mistakes", "models: missing", "from: '2016-2-30'"],
        ),
        ({"models": ["known", "nobody"]}, ["models[1]: there is no 'nobody'"]),
    ],
)
def test_a_bad_evaluation_is_refused_with_all_its_mistakes_and_no_run_exists(
    app: Any, conf: Any, told: list[str]
) -> None:
    before = send(app, "GET", EVALUATION_TRIGGER).json()["total_entries"]

    answer = send(app, "POST", EVALUATION_TRIGGER, json={"logical_date": None, "conf": conf})

    assert answer.status_code == 400, answer.text
    assert [part for part in told if part not in answer.json()["detail"]] == []
    assert answer.json()["findings"]
    assert send(app, "GET", EVALUATION_TRIGGER).json()["total_entries"] == before


@pytest.mark.usefixtures("no_models")
def test_a_good_evaluation_makes_a_run_and_arrives_as_it_was_sent(app: Any) -> None:
    conf = {"models": ["known"], "from": "2016-1-1"}

    answer = send(app, "POST", EVALUATION_TRIGGER, json={"logical_date": None, "conf": conf})

    assert (answer.status_code, answer.json().get("conf")) == (200, conf), answer.text
    assert send(app, "POST", EVALUATION_TRIGGER, "viewer", json={"logical_date": None, "conf": {}}).status_code == 403


def test_models_that_cannot_be_looked_up_are_left_to_the_first_task(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr("pipeline_airflow.connections.registry_database", fail)

    conf = {"models": ["nobody"]}
    assert send(app, "POST", EVALUATION_TRIGGER, json={"logical_date": None, "conf": conf}).status_code == 200
