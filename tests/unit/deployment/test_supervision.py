"""What becomes of questions to a supervisord that is slow, hangs, or is another program."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, TCPServer
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

import pytest

from pipeline.deployment import supervision
from pipeline.deployment.supervision import Supervisor
from pipeline.errors import DeploymentError


class _Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/RPC2",)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a tenth of a second for an answer."""
    monkeypatch.setattr(supervision, "_ANSWER_SECONDS", 0.1)


@contextmanager
def serving(server: TCPServer) -> Iterator[int]:
    """Let a server answer while the block runs, and tell its port."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def take_time(*_: object) -> bool:
    """Answer after half a second."""
    time.sleep(0.5)
    return True


@pytest.fixture
def slow() -> Iterator[Supervisor]:
    """A supervisord whose programs take half a second to start and to stop."""
    server = SimpleXMLRPCServer(("127.0.0.1", 0), _Handler, logRequests=False)
    for method in ("stopProcess", "startProcess"):
        server.register_function(take_time, f"supervisor.{method}")
    server.register_function(list, "supervisor.getAllProcessInfo")
    with serving(server) as port:
        yield Supervisor(port, "a password")


def test_a_program_may_take_its_time_to_stop(slow: Supervisor) -> None:
    slow.stop("api-server")


def test_a_start_that_is_not_answered_says_so(slow: Supervisor) -> None:
    with pytest.raises(DeploymentError, match=r"supervisord: does not answer \(TimeoutError.*run `pipeline down`"):
        slow.start("api-server")


@pytest.mark.parametrize("answer", [b"", b"220 a mail server\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"])
def test_another_program_on_its_port_is_no_supervisord(answer: bytes) -> None:
    class Other(StreamRequestHandler):
        def handle(self) -> None:
            self.request.recv(10_000)
            self.wfile.write(answer)

    with serving(TCPServer(("127.0.0.1", 0), Other)) as port:
        found = Supervisor(port, "a password")

        assert found.states() is None
        with pytest.raises(DeploymentError, match="supervisord: does not answer"):
            found.stop("api-server")
