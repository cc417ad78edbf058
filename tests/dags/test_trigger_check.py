"""What the API server answers to a request for a run: Airflow's own application, its plugins, and a database."""

import asyncio
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from factories import PLAN, make_plan
from pipeline.plans import check_plan, expand
from pipeline.plans.errors import PlanError
from pipeline.plans.example import EXAMPLE_PLAN, shorten_lists
from pipeline.runs.patient_survey import PatientSurvey
from pipeline_airflow import trigger_check
from pipeline_airflow.trigger_check import FORM, LARGEST_BODY_BYTES, TRIGGER, TriggerCheck
from sending import send


def trigger(app: Any, conf: Any, **more: Any) -> httpx.Response:
    """Return what Airflow answers to a request for a run."""
    return send(app, "POST", TRIGGER, json={"logical_date": None, "conf": conf}, **more)


def count_runs(app: Any) -> int:
    """Return how many runs there are."""
    return int(send(app, "GET", TRIGGER).json()["total_entries"])


BAD: dict[str, Any] = {
    "a wrong value": make_plan(model__options__kernel=["rfb"], model__options__degree=[True]),
    "an unknown key": PLAN | {"tag": ["x"]},
    "only a dataset": {"dataset": PLAN["dataset"]},
    "only settings": {"seed": 3},
    "a day that does not exist": make_plan(dataset__options__start_datetime_str="2016-2-30"),
    "a deep one": PLAN | {"exclude": [[[[[[[[[[3]]]]]]]]]]},
    "nothing": {},
}


@pytest.mark.parametrize("plan", BAD.values(), ids=BAD.keys())
def test_a_bad_plan_is_refused_with_the_sentences_of_plan_check_and_no_run_exists(app: Any, plan: Any) -> None:
    before = count_runs(app)
    with pytest.raises(PlanError) as caught:
        expand(plan)

    answer = trigger(app, plan)

    assert answer.status_code == 400
    assert answer.json()["detail"] == str(caught.value)
    assert answer.json()["findings"] == [finding.to_dict() for finding in check_plan(plan)]
    assert count_runs(app) == before


@pytest.mark.parametrize("body", [{"logical_date": None}, {"logical_date": None, "conf": None}])
def test_a_request_without_a_config_is_refused(app: Any, body: Any) -> None:
    answer = send(app, "POST", TRIGGER, json=body)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("plan: there is none; an object with dataset, adapter, model")


TEXT = json.dumps(PLAN)[1:-1]


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        (f'{{{TEXT}, "seed": NaN}}', "NaN is not JSON"),
        (f'{{{TEXT}, "seed": 1e999}}', "1e999 is too large for a number"),
        (f'{{{TEXT}, "seed": 1, "seed": 2}}', 'the key "seed" is written twice'),
        (f'{{{TEXT}, "seed": {"9" * 5000}}}', "more digits"),
        (f'{{{TEXT}, "exclude": {"[" * 500}{"]" * 500}}}', "at most 32 lists and objects inside each other"),
        (f'{{{TEXT}, "exclude": {"[" * 100_000}{"]" * 100_000}}}', "at most 32 lists and objects inside each other"),
    ],
    ids=["NaN", "infinity", "twice", "digits", "500 levels", "100,000 levels"],
)
def test_a_text_that_is_no_plans_is_refused(app: Any, conf: str, told: str) -> None:
    content = f'{{"logical_date": null, "conf": {conf}}}'

    answer = send(app, "POST", TRIGGER, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400, answer.text
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_unread(app: Any, chunked: bool) -> None:
    body = json.dumps({"logical_date": None, "conf": PLAN, "note": "x" * LARGEST_BODY_BYTES}).encode()

    async def parts() -> Any:
        for start in range(0, len(body), 2**16):
            yield body[start : start + 2**16]

    content = parts() if chunked else body
    answer = send(app, "POST", TRIGGER, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert f"more than {LARGEST_BODY_BYTES:,} bytes" in answer.json()["detail"]


def test_a_good_plan_makes_a_run_and_arrives_as_it_was_sent(app: Any) -> None:
    plan = PLAN | {"$schema": "plan.schema.json", "seed": 3}
    before = count_runs(app)

    answer = trigger(app, plan)

    assert answer.status_code == 200, answer.text
    assert answer.json()["conf"] == plan
    assert count_runs(app) == before + 1


@pytest.mark.parametrize(("role", "status"), [("", 401), ("viewer", 403)])
def test_who_may_not_trigger_learns_nothing_of_plans(app: Any, role: str, status: int) -> None:
    answer = trigger(app, BAD["a wrong value"], role=role)

    assert answer.status_code == status
    assert "svm" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b'{"conf": 3}', b'{"logical_date": null, "foo": 1}'])
def test_what_is_no_request_for_a_run_is_left_to_airflow(app: Any, body: bytes) -> None:
    answer = send(app, "POST", TRIGGER, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


def test_other_mistakes_are_told_in_airflows_words(app: Any) -> None:
    answer = send(app, "POST", TRIGGER, json={"logical_date": None, "conf": {}, "dag_run_id": "../x"})

    assert answer.status_code == 400
    assert "path traversal" in answer.json()["detail"]


def test_a_check_that_fails_leaves_the_request_to_airflow(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise OSError

    monkeypatch.setattr("pipeline.plans.check_shape", fail)

    assert trigger(app, PLAN).status_code == 200
    assert "No value passed" in trigger(app, {}).json()["detail"]


def test_the_form_is_offered_the_example_though_the_sections_have_no_default(app: Any) -> None:
    params = send(app, "GET", FORM, "viewer").json()["params"]

    assert {name: params[name]["value"] for name in EXAMPLE_PLAN} == shorten_lists(EXAMPLE_PLAN)
    assert params["exclude"]["value"] == []
    assert params["sample"]["value"] is None
    assert send(app, "GET", FORM, "").status_code == 401


def test_the_example_fits_the_examples_and_has_its_options_in_the_order_of_the_schema(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    january = (datetime(2016, 1, 1, 9, tzinfo=UTC), datetime(2016, 1, 31, 17, tzinfo=UTC))
    monkeypatch.setattr(PatientSurvey, "spans", lambda _: {"old": (january[0], january[0]), "spam": january})

    params = send(app, "GET", FORM, "viewer").json()["params"]

    # as text: Airflow's database sorts keys
    assert json.dumps(params["dataset"]["value"]) == json.dumps(
        {
            "name": "SpanDataset",
            "options": {
                "start_datetime_str": "2016-1-1",
                "end_datetime_str": "2016-2-1",
                "training_ratio": 0.8,
                "collection": "spam",
            },
        }
    )
    plan = {name: params[name]["value"] for name in EXAMPLE_PLAN}
    assert check_plan(plan) == []
    assert len(expand(plan).definitions) == 3
    # ten lines are in view
    assert all(len(json.dumps(section, indent=2).splitlines()) <= 10 for section in plan.values())


def test_a_form_has_an_example_even_if_none_can_be_found(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise OSError

    monkeypatch.setattr(PatientSurvey, "spans", fail)

    assert send(app, "GET", FORM, "viewer").json()["params"]["model"]["value"] == EXAMPLE_PLAN["model"]


def test_a_form_does_not_wait_long_for_an_example(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(trigger_check, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(trigger_check, "_find_example", lambda: released.wait(60))

    params = send(app, "GET", FORM, "viewer").json()["params"]

    released.set()
    assert params["model"]["value"] == EXAMPLE_PLAN["model"]


def test_what_is_no_request_for_a_run_passes_untouched() -> None:
    seen: list[Any] = []

    async def inner(*arguments: Any) -> None:
        seen.append(arguments)

    async def nobody() -> None:
        raise AssertionError

    for scope in (
        {"type": "lifespan"},
        {"type": "websocket", "path": TRIGGER},
        {"type": "http", "method": "GET", "path": TRIGGER},
        {"type": "http", "method": "POST", "path": "/api/v2/dags/other/dagRuns"},
        {"type": "http", "method": "POST", "path": f"{TRIGGER}/list"},
    ):
        arguments: Any = (scope, nobody, nobody)
        asyncio.run(TriggerCheck(inner)(*arguments))
        assert seen.pop() == arguments


@pytest.mark.parametrize("conf", [(), ("--conf", "{}"), ("--conf", json.dumps({"dataset": PLAN["dataset"]}))])
def test_the_command_line_refuses_a_config_that_is_no_whole_plan(app: Any, conf: tuple[str, ...]) -> None:
    before = count_runs(app)

    done = subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "trigger", "train_classifiers", *conf],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "No value passed" in done.stderr + done.stdout
    assert count_runs(app) == before
