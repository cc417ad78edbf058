"""Who sends wrong passwords waits, and nobody else does."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from pipeline.web import logins
from pipeline.web.logins import FREE_TRIES, FREE_TRIES_OF_ADDRESS, LONGEST_SECONDS, LoginBrake, read_user

RIGHT, WRONG = "the right one", "wrong"


class Door:
    """An application that logs in who sends the right password, behind a brake, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.checked = 0
        self.in_check = 0
        self.most_in_check = 0
        self.brake = LoginBrake(self.check, lambda: self.now)

    async def check(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.checked += 1
        self.in_check += 1
        self.most_in_check = max(self.most_in_check, self.in_check)
        body = await Request(scope, receive).body()
        for _ in range(3):
            await asyncio.sleep(0)  # others come in the meantime
        self.in_check -= 1
        status = 201 if RIGHT.encode() in body else 401
        await JSONResponse({}, 422 if b"username" not in body else status)(scope, receive, send)

    async def call(self, *bodies: Any, path: str = "/auth/token", address: str = "10.0.0.1") -> list[httpx.Response]:
        transport = httpx.ASGITransport(self.brake, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            calls = [
                client.post(path, content=body if isinstance(body, bytes) else json.dumps(body)) for body in bodies
            ]
            return await asyncio.gather(*calls)

    def log_in(self, name: str = "anna", word: str = WRONG, **more: str) -> httpx.Response:
        return asyncio.run(self.call({"username": name, "password": word}, **more))[0]

    def guess(self, times: int, **more: str) -> list[int]:
        return [self.log_in(**more).status_code for _ in range(times)]


@pytest.fixture
def door() -> Door:
    return Door()


def test_a_few_wrong_passwords_cost_nothing(door: Door) -> None:
    assert door.guess(FREE_TRIES) == [401] * FREE_TRIES


def test_further_ones_wait_twice_as_long_each_time(door: Door) -> None:
    door.guess(FREE_TRIES)

    waits = []
    for _ in range(8):
        refused = door.log_in()
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        door.now += waits[-1]
        assert door.log_in().status_code == 401

    assert waits == [1, 2, 4, 8, 16, LONGEST_SECONDS, LONGEST_SECONDS, LONGEST_SECONDS]


def test_a_refusal_says_how_long_and_checks_no_password(door: Door) -> None:
    door.guess(FREE_TRIES)
    checked = door.checked

    refused = door.log_in(word=RIGHT)

    assert refused.status_code == 429
    assert refused.json()["detail"] == "too many wrong passwords; try again in 1 seconds"
    assert door.checked == checked


def test_the_right_user_gets_in_after_the_wait_and_starts_anew(door: Door) -> None:
    door.guess(FREE_TRIES + 20)
    door.now += LONGEST_SECONDS

    assert door.log_in(word=RIGHT).status_code == 201
    assert door.guess(FREE_TRIES) == [401] * FREE_TRIES


def test_refusals_do_not_lengthen_the_wait(door: Door) -> None:
    door.guess(FREE_TRIES + 100)
    door.now += 1

    assert door.log_in(word=RIGHT).status_code == 201


def test_another_address_and_another_user_are_not_held_up(door: Door) -> None:
    door.guess(FREE_TRIES + 1)

    assert door.log_in(word=RIGHT, address="10.0.0.2").status_code == 201
    assert door.log_in("bert", RIGHT).status_code == 201


def test_one_password_for_many_users_is_slowed_down_at_that_address(door: Door) -> None:
    tried = [door.log_in(f"user {number}").status_code for number in range(FREE_TRIES_OF_ADDRESS + 5)]

    assert tried == [401] * FREE_TRIES_OF_ADDRESS + [429] * 5
    assert door.log_in("someone", RIGHT, address="10.0.0.2").status_code == 201


def test_who_has_logged_in_there_before_is_not_held_up_by_the_others(door: Door) -> None:
    assert door.log_in(word=RIGHT).status_code == 201
    for number in range(FREE_TRIES_OF_ADDRESS + 5):
        door.log_in(f"user {number}")

    assert door.log_in(word=RIGHT).status_code == 201
    assert door.log_in("bert", RIGHT).status_code == 429


def test_addresses_of_one_ipv6_network_count_as_one(door: Door) -> None:
    for number in range(FREE_TRIES):
        door.log_in(address=f"2001:db8::{number + 1:x}")

    assert door.log_in(address="2001:db8::ffff").status_code == 429
    assert door.log_in(address="2001:db8:0:1::1").status_code == 401


def test_guesses_at_the_same_time_are_checked_a_few_at_once(door: Door) -> None:
    bodies = [{"username": "anna", "password": WRONG}] * 100

    statuses = [answer.status_code for answer in asyncio.run(door.call(*bodies))]

    assert door.most_in_check == FREE_TRIES
    assert statuses.count(401) < 2 * FREE_TRIES
    assert statuses.count(401) + statuses.count(429) == 100


def test_many_right_logins_at_the_same_time_all_get_in(door: Door) -> None:
    bodies = [{"username": "anna", "password": RIGHT}] * 100

    assert {answer.status_code for answer in asyncio.run(door.call(*bodies))} == {201}


def test_what_is_not_a_wrong_password_does_not_count(door: Door) -> None:
    for _ in range(FREE_TRIES_OF_ADDRESS + 5):
        assert asyncio.run(door.call(b"{"))[0].status_code == 422

    assert door.log_in().status_code == 401


def test_wrong_passwords_are_forgotten(door: Door) -> None:
    door.guess(FREE_TRIES + 1)
    door.now += logins.FORGOTTEN_SECONDS + 1

    assert door.guess(FREE_TRIES) == [401] * FREE_TRIES


def test_memory_is_bounded_and_holds_nothing_that_was_sent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MOST_REMEMBERED", 10)
    for number in range(30):
        door.log_in(f"user {number}", address=f"10.0.1.{number}")

    assert len(door.brake._known) == 10
    assert {len(key) for key in door.brake._known} == {16}


def test_a_body_that_is_too_large_is_refused_unread(door: Door) -> None:
    answer = asyncio.run(door.call(b"x" * (logins.LARGEST_BODY_BYTES + 1)))[0]

    assert (answer.status_code, door.checked) == (413, 0)


@pytest.mark.parametrize("path", ["/auth/token/cli", "/airflow/auth/token"])
def test_every_route_that_logs_in_is_watched(door: Door, path: str) -> None:
    door.guess(FREE_TRIES, path=path)

    assert door.log_in(path=path).status_code == 429


def test_every_other_request_passes(door: Door) -> None:
    body: Callable[[int], bytes] = lambda size: b"username" + b"x" * size  # noqa: E731
    for _ in range(FREE_TRIES_OF_ADDRESS + 5):
        asyncio.run(door.call(body(logins.LARGEST_BODY_BYTES), path="/api/v2/dags"))

    assert door.checked == FREE_TRIES_OF_ADDRESS + 5


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"username": "anna", "password": "x"}', "anna"),
        (urlencode({"username": "änna b", "password": "x"}).encode(), "änna b"),
        (b'{"username": ["anna"]}', ""),
        (b"[1]", ""),
        (b"[" * 10_000, ""),
        (b"\xff\xfe", ""),
        (b"", ""),
    ],
)
def test_the_users_name_is_read_from_json_and_from_a_form(body: bytes, name: str) -> None:
    assert read_user(body) == name
