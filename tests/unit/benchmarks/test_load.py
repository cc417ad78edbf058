"""The load of `benchmarks/serving.py`: what its clients count, and that they ask at once."""

import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from servers import load
from servers.answers import HOST, ask, read_answer, write_request
from servers.load import put_load

from passing import PATIENCE_SECONDS

LONG = b'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n["a"]'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n["a\r\n2;x=y\r\n"]\r\n0\r\n\r\n'
CLOSING = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nConnection: close\r\n\r\n[]"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"
REQUESTS = [write_request("/classify", body) for body in (b"[1]", b"[2]")]


class Handler(socketserver.BaseRequestHandler):
    """Sends to each request the server's answer; one that closes, or none, ends the connection."""

    server: "Server"

    def handle(self) -> None:
        while head := self._read_head():
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = self.request.recv(length, 0x100)  # MSG_WAITALL
            assert len(body) == length
            if barrier := self.server.together:
                barrier.wait(PATIENCE_SECONDS)
            answer = self.server.answer
            if not answer:
                return
            for byte in range(len(answer)) if self.server.byte_by_byte else [slice(None)]:
                self.request.sendall(answer[byte : byte + 1] if isinstance(byte, int) else answer)
            if b"close" in answer:
                return

    def _read_head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.request.recv(1)
            if not byte:
                return b""
            head += byte
        return head


class Server(socketserver.ThreadingTCPServer):
    """Gives every request the same answer; with `together`, the first only once so many requests wait."""

    daemon_threads = True
    together: threading.Barrier | None = None
    byte_by_byte = False
    answer = LONG

    def release(self) -> None:
        """Answer at once from now on."""
        self.together = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextmanager
def serving(answer: bytes = LONG, together: int = 0, byte_by_byte: bool = False) -> Iterator[Server]:
    """Yield a server that gives an answer."""
    with Server((HOST, 0), Handler) as server:
        server.answer, server.byte_by_byte = answer, byte_by_byte
        server.together = threading.Barrier(together, server.release) if together else None
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass whenever the clients look at the clock."""
    seconds = count()
    monkeypatch.setattr(load, "perf_counter", lambda: next(seconds))


@pytest.mark.parametrize("data", [LONG, CHUNKED, CLOSING, BUSY])
def test_an_answer_is_read_once_all_of_it_is_there(data: bytes) -> None:
    assert [read_answer(data[:end]) for end in range(len(data))] == [None] * len(data)
    answer = read_answer(data)
    assert answer is not None
    assert answer.closes == (data is CLOSING)
    assert answer.status == (503 if data is BUSY else 200)
    assert answer.body == {LONG: b'["a"]', CHUNKED: b'["a"]', CLOSING: b"[]", BUSY: b""}[data]


def test_an_answer_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="without a length"):
        read_answer(b"HTTP/1.1 200 OK\r\n\r\n[]")


def test_one_after_the_other_gives_each_request_its_answer() -> None:
    with serving(CHUNKED, byte_by_byte=True) as server:
        assert [each.body for each in ask(server.port, REQUESTS)] == [b'["a"]'] * 2


def test_a_server_that_hangs_up_is_an_error() -> None:
    with serving(b"") as server, pytest.raises(ConnectionError, match="closed the connection"):
        next(ask(server.port, REQUESTS))


@pytest.mark.usefixtures("steady")
def test_only_answers_after_the_warm_up_have_latencies() -> None:
    with serving() as server:
        received = put_load(server.port, REQUESTS, clients=1, seconds=10, warm_up_seconds=10)

    assert received.answered > len(received.latencies) > 0
    assert set(received.latencies) == {1}
    assert not received.errors


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize(
    ("answer", "error"), [(BUSY, "status 503"), (b"", "the connection was lost")], ids=["refuses", "hangs up"]
)
def test_what_goes_wrong_is_counted_and_no_latency(answer: bytes, error: str) -> None:
    with serving(answer) as server:
        received = put_load(server.port, REQUESTS, clients=1, seconds=20)

    assert received.errors.keys() == {error}
    assert received.errors[error] > 1
    assert not received.latencies


@pytest.mark.usefixtures("steady")
def test_a_client_connects_again_when_the_server_closes_in_order() -> None:
    with serving(CLOSING) as server:
        received = put_load(server.port, REQUESTS, clients=1, seconds=20)

    assert len(received.latencies) > 1
    assert not received.errors


@pytest.mark.usefixtures("steady")
def test_nobody_listens() -> None:
    with serving() as server:
        port = server.port
    received = put_load(port, REQUESTS, clients=1, seconds=3)

    assert received.errors.keys() == {"no connection"}
    assert not received.answered


@pytest.mark.usefixtures("steady")
def test_all_clients_ask_at_once() -> None:
    with serving(CLOSING, together=8) as server:
        received = put_load(server.port, REQUESTS, clients=8, seconds=1)

    assert received.answered >= 8
    assert not received.errors


@pytest.mark.usefixtures("steady")
def test_some_answers_are_kept_with_the_number_of_their_request() -> None:
    with serving() as server:
        received = put_load(server.port, REQUESTS, clients=1, seconds=200)

    assert [number for number, _ in received.kept[:3]] == [49 % 2, 99 % 2, 149 % 2]
    assert {body for _, body in received.kept} == {b'["a"]'}
