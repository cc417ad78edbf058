"""What the service answers, asked without a server."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pipeline.environment import Service
from pipeline.service.app import make_app
from pipeline.service.guard import LARGEST_BODY_BYTES
from pipeline.service.shelf import Shelf
from pipeline.service.tokens import Tokens
from unit.service.models import Echo, make_served

TOKEN = "t" * 20
SECRET = "s3cret"
PROBLEM = "application/problem+json"

Ask = Callable[..., httpx.Response]


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf(["@champion", "label"])
    made.desks["@champion"].served = make_served(Echo(), version=3)
    return made


@pytest.fixture
def ask(shelf: Shelf) -> Ask:
    """Send a request with the token."""
    app = make_app(shelf, Tokens.of(Service(tokens=TOKEN)), most_at_once=2)

    def send(method: str, path: str, **options: Any) -> httpx.Response:
        async def request() -> httpx.Response:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
                return await client.request(method, path, **options)

        return asyncio.run(request())

    return send


def test_one_text_and_many_are_answered_in_the_same_form(ask: Ask) -> None:
    one = ask("POST", "/v1/classify", json={"text": "x"}).json()
    many = ask("POST", "/v1/classify", json={"texts": ["x", "yy"], "model": "@champion"}).json()

    item = {"classification": "x", "probabilities": {"a": 1.0, "b": 0.5}}
    assert one == {"model": "@champion", "label": "label", "version": 3, "items": [item]}
    assert many["items"] == [item, {"classification": "yy", "probabilities": {"a": 2.0, "b": 0.5}}]


def test_no_texts_are_no_answers(ask: Ask) -> None:
    assert ask("POST", "/v1/classify", json={"texts": []}).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        SECRET,
        "{}",
        json.dumps({"text": ""}),
        json.dumps({"text": " \n\u200b"}),
        json.dumps({"texts": [SECRET, ""]}),
        json.dumps({"text": SECRET, "texts": [SECRET]}),
        json.dumps({"text": [SECRET]}),
        json.dumps({"txet": SECRET}),
        json.dumps({"text": SECRET, "model": 1}),
        json.dumps({"texts": [SECRET] * 1001}),
        '{"text": "' + SECRET + '\\ud800"}',
        '{"text": NaN}',
        "[" * 100_000,
    ],
)
def test_a_body_that_is_not_valid_is_422_and_is_not_repeated(ask: Ask, body: str) -> None:
    answer = ask("POST", "/v1/classify", content=body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert SECRET not in answer.text


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_413(ask: Ask, declared: bool) -> None:
    async def send() -> Any:
        yield b'{"text": "' + b"x" * LARGEST_BODY_BYTES + b'"}'

    body = b"x" * (LARGEST_BODY_BYTES + 1) if declared else send()
    answer = ask("POST", "/v1/classify", content=body)

    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    assert "/v1/classify/stream" in answer.json()["detail"]


def test_what_is_not_served_is_404_and_what_is_not_yet_is_503(ask: Ask) -> None:
    assert ask("POST", "/v1/classify", json={"text": "x", "model": "other"}).status_code == 404
    missing = ask("POST", "/v1/classify", json={"text": "x", "model": "label"})
    assert (missing.status_code, missing.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/classify", 405), ("POST", "/livez", 405), ("GET", "/nothing", 404)]
)
def test_other_methods_and_paths_are_refused(ask: Ask, method: str, path: str, status: int) -> None:
    answer = ask(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_what_a_model_fails_on_is_500_without_the_text(ask: Ask) -> None:
    answer = ask("POST", "/v1/classify", json={"text": "bad"})

    assert answer.status_code == 500
    assert "bad" not in answer.text


def test_it_is_ready_once_every_model_is_there(ask: Ask, shelf: Shelf) -> None:
    shelf.told = [{"model": "label", "trouble": {"what": "there is no 'label'", "since": "2016-01-01T00:00:00+00:00"}}]
    missing = ask("GET", "/readyz")
    assert (missing.status_code, missing.json()["detail"]) == (503, "there is no 'label'")
    shelf.desks["label"].served = make_served(Echo())

    assert ask("GET", "/readyz").json() == {"status": "ready"}


def test_more_requests_than_allowed_are_refused_at_once_but_not_probes(shelf: Shelf) -> None:
    app = make_app(shelf, Tokens.of(Service(tokens=TOKEN)), most_at_once=2)

    async def run() -> tuple[list[int], int]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            release = asyncio.Event()
            begun = 0

            async def slow_body() -> Any:
                nonlocal begun
                begun += 1
                await release.wait()
                yield b'{"text": "x"}'

            slow = [asyncio.create_task(client.post("/v1/classify", content=slow_body())) for _ in range(2)]
            while begun < 2:
                await asyncio.sleep(0)
            refused = await client.post("/v1/classify", json={"text": "x"})
            alive = await client.get("/livez")
            release.set()
            answers = [*await asyncio.gather(*slow), refused]
            assert refused.headers["Retry-After"] == "1"
            return [each.status_code for each in answers], alive.status_code

    assert asyncio.run(run()) == ([200, 200, 503], 200)


def test_metrics_count_requests_texts_and_classes_and_hold_no_text(ask: Ask, shelf: Shelf) -> None:
    since = "2016-01-01T00:00:00+00:00"
    shelf.told = [{"model": "@champion", "label": "label", "version": 3, "since": since, "trouble": None}]
    ask("POST", "/v1/classify", json={"texts": ["some class", "some class"]})
    ask("GET", f"/{SECRET}")
    told = ask("GET", "/metrics").text

    assert 'service_requests_total{route="/v1/classify",status="200"}' in told
    assert 'service_answers_total{class="some class",model="@champion"} 2.0' in told
    assert 'service_batch_texts_count{model="@champion"}' in told
    assert 'service_model_age_seconds{label="label",model="@champion",version="3"}' in told
    assert 'service_model_trouble{model="@champion"} 0.0' in told
    assert SECRET not in told


def test_openapi_describes_every_route(ask: Ask) -> None:
    paths = ask("GET", "/openapi.json").json()["paths"]

    assert {"/v1/classify", "/v1/classify/stream", "/v1/models", "/livez", "/readyz", "/metrics"} == set(paths)
    assert "requestBody" in paths["/v1/classify"]["post"]
