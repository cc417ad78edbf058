"""What the API server answers to a request for a run: Airflow's own application, its plugins, and a database."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories import PLAN, make_plan
from pipeline.plans import check_plan, expand
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.example import EXAMPLE_PLAN, shorten_lists
from pipeline.runs.patient_survey import PatientSurvey
from pipeline_airflow import trigger_check
from pipeline_airflow.trigger_check import EVALUATION_TRIGGER, FORM, LARGEST_BODY_BYTES, TRIGGER, TriggerCheck

ROOT = Path(__file__).parents[2]
PLUGINS = str(ROOT / "plugins")


@pytest.fixture(scope="module")
def app(metadata_database: None) -> Iterator[Any]:
    """Airflow's REST API, which knows the DAG."""
    del metadata_database
    environ = os.environ | {"AIRFLOW__CORE__PLUGINS_FOLDER": PLUGINS}
    serialise = [sys.executable, "-m", "airflow", "dags", "reserialize"]
    subprocess.run(serialise, check=True, capture_output=True, env=environ)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", PLUGINS)
        from airflow import plugins_manager
        from airflow.api_fastapi.app import create_app

        plugins = plugins_manager._get_plugins
        plugins.cache_clear()
        plugins_manager.get_fastapi_plugins.cache_clear()
        patch.setattr("airflow.settings.PLUGINS_FOLDER", PLUGINS)
        yield create_app("core")
        plugins.cache_clear()
        plugins_manager.get_fastapi_plugins.cache_clear()


def send(app: Any, method: str, path: str, role: str = "admin", **request: Any) -> httpx.Response:
    """Return what the application answers somebody; without a role, somebody who is not logged in."""

    async def call() -> httpx.Response:
        headers = request.pop("headers", {})
        if role:
            from airflow.api_fastapi.app import get_auth_manager
            from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

            token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=role, role=role))
            headers = headers | {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airflow") as client:
            return await client.request(method, path, headers=headers, timeout=60, **request)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(call())


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
