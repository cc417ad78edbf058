"""Who may do what: every route asks, and what another site's page sends is refused."""

import re
from typing import Any, NoReturn

import pytest
from fastapi import HTTPException

from integration.registry.client import ANN, DEFINITIONS, LABELS, Client, open_run, save
from pipeline.errors import DatabaseUnavailableError
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline.stores.database import Database

LABEL = LABELS[0]
USED = {
    ("GET", "/plans/trainer"),
    ("POST", "/models/{reference}/classify"),
    ("GET", "/models/{reference}/document"),
    ("HEAD", "/models/{reference}/document"),
    ("PUT", "/aliases/{alias}"),
    ("DELETE", "/aliases/{alias}"),
    ("DELETE", "/models/{reference}"),
    ("PATCH", "/models/{reference}"),
    ("PATCH", "/runs/{run_id}"),
}
"""What not everybody may do who may read."""

FILLED = {"reference": LABEL, "alias": "champion", "run_id": "run-1", "name": "leaderboard", "path": "nothing/here"}


def refuse_anonymous() -> NoReturn:
    raise HTTPException(401, "you are not logged in")


def refuse_reader() -> NoReturn:
    raise HTTPException(403, "ann may only look")


def list_calls(client: Client) -> list[tuple[str, str]]:
    """Return the method and the path of everything that can be asked."""
    routes: list[Any] = [*client.app.routes]
    return sorted((method, route.path) for route in routes for method in route.methods)


def ask(client: Client, method: str, path: str, **options: Any) -> int:
    """Return the status that a route answers with, its parameters filled in."""
    filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED[match[1]], path)
    body: dict[str, Any] = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    return client.request(method, filled, **(body | options)).status_code


@pytest.fixture
def anonymous(models_db: Database) -> Client:
    return Client(make_app(Access(refuse_anonymous, lambda: "ann", lambda: "ann"), lambda: models_db))


@pytest.fixture
def reader(models_db: Database) -> Client:
    return Client(make_app(Access(lambda: "ann", refuse_reader, refuse_reader), lambda: models_db))


def test_every_route_refuses_the_anonymous(anonymous: Client) -> None:
    calls = list_calls(anonymous)

    assert len(calls) > 25
    assert {*USED} <= {*calls}
    assert {call: ask(anonymous, *call) for call in calls} == dict.fromkeys(calls, 401)


@pytest.mark.parametrize("path", ["/", "/nothing", "/models/", "/docs", "/redoc", "/openapi.json", "/pages/style.css"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_anonymous_learn_not_even_what_there_is(anonymous: Client, method: str, path: str) -> None:
    assert ask(anonymous, method, path) == 401


@pytest.mark.parametrize("content", [b'{"text": ', b"x" * (5 * 2**20)])
def test_who_says_not_who_they_are_is_refused_before_anything_is_read(models_db: Database, content: bytes) -> None:
    app = make_app(ANN, lambda: models_db)
    sent = {"content": content, "headers": {"Content-Type": "application/json"}}

    status, detail = Client(app, has_token=False).refuse("POST", "/models/x/classify", **sent)

    assert (status, detail) == (401, "you are not logged in; send a token, or log in to Airflow")


def test_the_anonymous_are_refused_as_a_problem(anonymous: Client) -> None:
    assert anonymous.refuse("GET", "/models") == (401, "you are not logged in")


def test_who_may_only_read_is_refused_what_uses_a_model_and_nothing_else(reader: Client, models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0])
    calls = list_calls(reader)

    answers = {call: ask(reader, *call) for call in calls}

    assert {call for call, status in answers.items() if status == 403} == USED
    assert 401 not in answers.values()
    assert reader.refuse("PUT", "/aliases/champion", json={"model": LABEL, "reason": "x"}) == (403, "ann may only look")


def test_an_application_that_is_told_nothing_refuses_everybody(models_db: Database) -> None:
    client = Client(make_app(ANN, lambda: models_db))
    client.app.dependency_overrides = {}

    assert {ask(client, *call) for call in list_calls(client)} == {401}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_sites_page_sends_is_refused(client: Client, models_db: Database, site: str) -> None:
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0])
    move, headers = {"model": LABEL, "reason": "x"}, {"Sec-Fetch-Site": site}

    assert client.refuse("PUT", "/aliases/champion", json=move, headers=headers)[0] == 403
    assert client.refuse("POST", f"/models/{LABEL}/classify", json={"text": "x"}, headers=headers)[0] == 403
    assert client.get("/aliases") == []

    assert client.request("PUT", "/aliases/champion", json=move).status_code == 200
    gone = client.refuse("DELETE", "/aliases/champion", params={"reason": "x"}, headers=headers)
    assert gone[0] == 403
    assert len(client.get("/aliases")) == 1
    for method in ("GET", "HEAD"):
        assert client.request(method, f"/models/{LABEL}/document", headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_our_own_page_or_the_user_sends_is_answered(client: Client, models_db: Database, site: str) -> None:
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0])

    move = {"model": LABEL, "reason": "x"}
    answer = client.request("PUT", "/aliases/champion", json=move, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
@pytest.mark.parametrize(("method", "path"), [("POST", f"/models/{LABEL}/classify"), ("PUT", "/aliases/champion")])
def test_what_a_form_can_send_is_refused(client: Client, method: str, path: str, content_type: str) -> None:
    content = b'{"text": "x", "model": "x", "reason": "x"}'

    assert client.refuse(method, path, content=content, headers={"Content-Type": content_type})[0] == 415


def test_json_may_name_its_character_set(client: Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert client.refuse("POST", f"/models/{LABEL}/classify", content=b'{"text": "x"}', headers=headers)[0] == 404


def test_a_database_that_does_not_answer_is_said_to_come_back() -> None:
    def connect() -> NoReturn:
        raise DatabaseUnavailableError("models_db", "no connection")

    client = Client(make_app(ANN, connect))
    answer = client.request("GET", "/models")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["where"] == "models_db"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PUT"])
def test_what_is_no_route_is_a_problem(client: Client, method: str) -> None:
    assert client.refuse(method, "/nothing")[0] == 404


def test_the_description_names_every_route_of_the_api(client: Client) -> None:
    paths = client.get("/openapi.json")["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}

    pages = {"/", "/pages/{name:path}", "/openapi.json", "/{path:path}"}
    calls = {(method, path) for method, path in list_calls(client) if path not in pages and method != "HEAD"}
    assert described == calls
