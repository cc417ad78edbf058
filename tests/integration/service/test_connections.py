"""What clients do with connections, asked of the real server: streams, and requests that end in the middle."""

import json
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from integration.service.running import TOKEN, wait_until
from pipeline.environment import Service
from pipeline.service.app import make_app
from pipeline.service.shelf import Shelf
from pipeline.service.tokens import Tokens
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
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", loop="uvloop"))
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


def begin(address: tuple[str, int], path: str, length: int, body: bytes = b"") -> socket.socket:
    """Return a connection on which the head of a request was sent, in one piece with the beginning of its body."""
    made = socket.create_connection(address, timeout=60)
    told = {"Host": "service", "Authorization": f"Bearer {TOKEN}", "Content-Length": length, "Connection": "close"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    made.sendall("\r\n".join(lines).encode() + body)
    return made


def test_a_stream_is_answered(address: tuple[str, int]) -> None:
    with begin(address, STREAM, 3 * len(LINE), LINE * 3) as connection:
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")

    lines = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
    assert b"content-type: application/x-ndjson" in head
    assert [line.get("classification") for line in lines] == ["one two"] * 3 + [None]
    assert lines[-1] == {"end": True, "answers": 3, "errors": 0}


def test_lines_are_answered_before_the_stream_ends(address: tuple[str, int]) -> None:
    with begin(address, STREAM, 2 * len(LINE)) as connection, connection.makefile("rb") as answer:
        for _ in range(2):
            connection.sendall(LINE)
            while b"one two" not in answer.readline():
                pass
        while b'"end":true' not in answer.readline():
            pass


def test_a_client_that_leaves_in_the_middle_of_a_stream_leaves_nothing_behind(
    address: tuple[str, int], client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):  # more than may be in work
        with begin(address, STREAM, 1000, LINE) as cut:
            assert b"200 OK" in cut.recv(10_000)

    wait_until(lambda: client.post("/v1/classify", json={"text": "x"}).status_code == 200, "a free place")
    assert not caplog.records
