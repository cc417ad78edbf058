"""What clients do with connections, asked of the real server: streams, and requests that end in the middle."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from integration.service.running import TOKEN, wait_until
from pipeline.environment import Service
from pipeline.service import connection as connection_module
from pipeline.service.app import make_app
from pipeline.service.shelf import Shelf
from pipeline.service.tokens import Tokens
from pipeline.service.worker import make_server
from unit.service.models import Echo, make_served

STREAM = "/v1/classify/stream"
LINE = b'{"text": "one two"}\n'


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """The address of a server that answers texts with themselves, two at a time."""
    shelf = Shelf(["@champion"])
    shelf.desks["@champion"].served = make_served(Echo())
    app = make_app(shelf, Tokens.of(Service(tokens=TOKEN)), most_at_once=2)
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(app)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def client(address: tuple[str, int]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url="http://{}:{}".format(*address), headers=headers, timeout=60, trust_env=False) as made:
        yield made


def begin(address: tuple[str, int], path: str, body: bytes = b"", **headers: Any) -> socket.socket:
    """Return a connection on which the head of a request was sent, in one piece with the beginning of its body."""
    made = socket.create_connection(address, timeout=60)
    told = {"Host": "service", "Authorization": f"Bearer {TOKEN}"} | headers
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    made.sendall("\r\n".join(lines).encode() + body)
    return made


def test_a_stream_is_answered(address: tuple[str, int]) -> None:
    with begin(address, STREAM, LINE * 3, **{"Content-Length": 3 * len(LINE), "Connection": "close"}) as connection:
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")

    lines = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
    assert b"content-type: application/x-ndjson" in head
    assert [line.get("classification") for line in lines] == ["one two"] * 3 + [None]
    assert lines[-1] == {"end": True, "answers": 3, "errors": 0}


def test_lines_are_answered_before_the_stream_ends(address: tuple[str, int]) -> None:
    with (
        begin(address, STREAM, b"", **{"Content-Length": 2 * len(LINE)}) as connection,
        connection.makefile("rb") as answer,
    ):
        for _ in range(2):
            connection.sendall(LINE)
            while b"one two" not in answer.readline():
                pass
        while b'"end":true' not in answer.readline():
            pass


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of an answer after which the server closes the connection."""
    head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, body


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_an_offer_to_change_the_protocol_is_ignored(address: tuple[str, int], protocol: str, pieces: int) -> None:
    """Java's client makes one with each first request, and sends the body behind it."""
    body = b'{"text": "one two"}'
    head = f"POST /v1/classify HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {TOKEN}\r\nUpgrade: {protocol}\r\n"
    head += f"Connection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAEA\r\nContent-Length: {len(body)}\r\n\r\n"
    sent = head.encode() + body
    size = -(-len(sent) // pieces)
    with socket.create_connection(address, timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(sent), size):
            connection.sendall(sent[start : start + size])
        status, answer = read_answer(connection)

    assert (status, json.loads(answer)["items"][0]["classification"]) == (200, "one two")


def test_an_offer_of_the_anonymous_is_answered_401(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=60) as connection:
        lines = ["GET /livez HTTP/1.1", "Host: service", "Upgrade: websocket", "Connection: Upgrade, close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        assert read_answer(connection)[0] == 401


def test_requests_behind_each_other_are_answered_in_order(address: tuple[str, int]) -> None:
    """Also if the first of them offers another protocol."""
    bodies = [b'{"text": "a"}', b'{"text": "b"}', b'{"text": "c"}']
    with begin(
        address, "/v1/classify", bodies[0], **{"Content-Length": 13, "Upgrade": "h2c", "Connection": "Upgrade"}
    ) as c:
        for body, kept in zip(bodies[1:], ("keep-alive", "close"), strict=True):
            lines = ["POST /v1/classify HTTP/1.1", "Host: service", f"Authorization: Bearer {TOKEN}"]
            c.sendall("\r\n".join([*lines, f"Connection: {kept}", "Content-Length: 13", "", ""]).encode() + body)
        answers = c.makefile("rb").read()

    assert re.findall(rb'"classification":"(.)"', answers) == [b"a", b"b", b"c"]


@pytest.mark.parametrize("head", [b"GET /livez HTTP/1.1\r\nX: " + b"x" * 10**6, b"GET /" + b"x" * 10**6])
def test_a_head_that_is_too_large_ends_the_connection(address: tuple[str, int], head: bytes) -> None:
    with socket.create_connection(address, timeout=60) as connection, suppress(ConnectionError):
        connection.sendall(head)
        assert read_answer(connection)[0] in (0, 400)  # 0: the rest of the head came when it was closed already


@pytest.mark.parametrize("sent", [b"", b"POST /v1/classify HTT", b"GET /livez HTTP/1.1\r\nHost: service\r\n\r\nGET /"])
def test_a_head_that_does_not_come_ends_the_connection(
    address: tuple[str, int], sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.1)
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(sent)
        assert read_answer(connection)[0] == (401 if b"\r\n\r\n" in sent else 0)


def test_a_body_may_take_its_time(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.1)
    headers = {"Content-Length": 13, "Connection": "close"}
    with begin(address, "/v1/classify", b'{"text": ', **headers) as connection:
        time.sleep(0.5)
        connection.sendall(b'"a"}')
        assert read_answer(connection)[0] == 200


def test_a_body_that_is_cut_off_is_no_failure_of_the_server(
    address: tuple[str, int], client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):  # more than may be in work
        begin(address, "/v1/classify", b'{"text": ', **{"Content-Length": 1000}).close()

    counted = 'service_requests_total{route="/v1/classify",status="499"}'
    wait_until(lambda: counted in client.get("/metrics").text, "the count")
    wait_until(lambda: client.post("/v1/classify", json={"text": "x"}).status_code == 200, "a free place")
    assert not caplog.records


def test_what_a_model_fails_on_is_in_no_log(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.post("/v1/classify", json={"text": "bad"})
    stream = client.post(STREAM, content=b'{"text": "bad"}')

    assert (answer.status_code, answer.json()["detail"]) == (500, "label@1: fails on these texts (ValueError).")
    assert json.loads(stream.text)["end"] is False
    out = "".join(capfd.readouterr())
    assert "a model failed on a text" in out
    assert "no model expects" not in out + caplog.text


def test_a_client_that_leaves_in_the_middle_of_a_stream_leaves_nothing_behind(
    address: tuple[str, int], client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):  # more than may be in work
        with begin(address, STREAM, LINE, **{"Content-Length": 1000}) as cut:
            assert b"200 OK" in cut.recv(10_000)

    wait_until(lambda: client.post("/v1/classify", json={"text": "x"}).status_code == 200, "a free place")
    assert not caplog.records
