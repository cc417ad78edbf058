"""What all answers have in common: every path with every method, and every header that all of them carry."""

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import httpx
import pytest
from fastapi import FastAPI

from integration.registry.client import ANN, DEFINITIONS, LABELS, Client, open_run, save
from integration.registry.test_access import FILLED, list_calls
from pipeline.registry.app import make_app
from pipeline.stores.database import Database
from pipeline.web.manners import Manners

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CATCH_ALL = "/{path:path}"


@pytest.fixture
def filled(client: Client, models_db: Database) -> Client:
    """A registry with a model and an alias."""
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0])
    client.request("PUT", "/aliases/champion", json={"model": LABELS[0], "reason": "x"})
    return client


def list_wrong(client: Client) -> Iterator[tuple[str, str, set[str]]]:
    """Give every path with each method that it has not, and the methods that it has."""
    methods: dict[str, set[str]] = {}
    for method, path in list_calls(client):
        if path != CATCH_ALL:
            methods.setdefault(path, set()).add(method)
    for path, known in methods.items():
        known |= {"HEAD"} if "GET" in known else set()
        for method in METHODS:
            if method not in known:
                yield method, re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED[match[1]], path), known


def test_every_wrong_method_is_answered_405_and_told_which_there_are(filled: Client) -> None:
    wrong = list(list_wrong(filled))
    assert len(wrong) > 80

    for method, path, known in wrong:
        answer = filled.request(method, path)
        assert answer.status_code == 405, (method, path)
        assert {each.strip() for each in answer.headers["allow"].split(",")} == known, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_tells_the_anonymous_nothing(filled: Client) -> None:
    filled.headers = {}

    assert {filled.request(method, path).status_code for method, path, _ in list_wrong(filled)} == {401}


def test_head_is_answered_as_get_without_the_content(filled: Client) -> None:
    for method, path in list_calls(filled):
        if method == "GET" and path != CATCH_ALL:
            path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED[match[1]], path)
            asked, shown = filled.request("HEAD", path), filled.request("GET", path)
            assert (asked.status_code, asked.content) == (shown.status_code, b""), path


def test_every_answer_forbids_to_guess_its_type(filled: Client) -> None:
    answers: list[httpx.Response] = []
    for method in METHODS:
        for _, path in list_calls(filled):
            path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED[match[1]], path)
            answers.append(filled.request(method, path))
    tag = filled.request("GET", f"/models/{LABELS[0]}/document").headers["etag"]
    answers.append(filled.request("GET", f"/models/{LABELS[0]}/document", headers={"If-None-Match": tag}))
    answers.append(filled.request("POST", f"/models/{LABELS[0]}/classify", content=b"x" * (5 * 2**20)))
    answers.append(filled.request("POST", f"/models/{LABELS[0]}/classify", json={"text": 1}))
    answers.append(filled.request("PUT", "/aliases/gone", json={"model": LABELS[0], "reason": "x"}))
    answers.append(filled.request("DELETE", "/aliases/gone", params={"reason": "x"}))
    filled.headers = {}
    answers.append(filled.request("GET", "/models"))

    assert {200, 204, 304, 307, 401, 404, 405, 413, 415, 422} <= {answer.status_code for answer in answers}
    assert [answer.headers.get_list("x-content-type-options") for answer in answers] == [["nosniff"]] * len(answers)


def test_an_error_that_nobody_foresaw_is_a_problem_with_the_same_headers() -> None:
    def fail() -> NoReturn:
        raise ZeroDivisionError

    app = make_app(ANN, fail)
    sent: list[Any] = []

    class Swallowing:
        """Keeps what was sent before the error."""

        def __init__(self, app: FastAPI) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def keep(message: Any) -> None:
                sent.append(message)
                await send(message)

            with pytest.raises(ZeroDivisionError):
                await self.app(scope, receive, keep)

    answer = Client(Swallowing(app)).request("GET", "/models")  # type: ignore[arg-type]

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert repr(app.user_middleware[0].cls) == repr(Manners)  # the outermost
