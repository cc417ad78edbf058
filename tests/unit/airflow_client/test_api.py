"""How Airflow's REST API is called."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline.airflow_client.api import AirflowApi, serves_tasks
from pipeline.errors import AirflowUnavailableError, DeploymentError


class Handler(BaseHTTPRequestHandler):
    """Answers everything as Airflow answers a login and the question for a run's state."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = json.dumps(self.server.answer).encode()  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Counts its connections."""

    daemon_threads = True
    connections = 0
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Any = {"access_token": "x", "state": "running"}

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        self.connections += 1
        return super().get_request()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:secret", "http://[::1", "ftp://secret", "secret", "http://admin:secret@127.0.0.1:8080"],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(DeploymentError, match="PIPELINE_AIRFLOW_URL: it is not the address of a server") as caught:
        AirflowApi(address, "admin", "x")
    assert "secret" not in str(caught.value)


def test_all_calls_share_one_connection(server: Server) -> None:
    api = AirflowApi(f"http://127.0.0.1:{server.server_address[1]}", "admin", "x")
    assert {api.get_run_state("run-1") for _ in range(5)} == {"running"}
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "serves"), [({"status": "healthy"}, True), ({"status": "ill"}, False), ({}, False), ("healthy", False)]
)
def test_only_the_execution_api_serves_tasks(server: Server, answer: Any, serves: bool) -> None:
    server.answer = answer

    assert serves_tasks(f"http://127.0.0.1:{server.server_port}") is serves


def test_where_nothing_answers_nothing_serves_tasks() -> None:
    assert not serves_tasks("http://127.0.0.1:1")


def test_who_has_to_wait_after_wrong_passwords_is_told_how_long(server: Server) -> None:
    server.status = 429

    with pytest.raises(AirflowUnavailableError, match="too many wrong passwords; logins are possible in 7 seconds"):
        AirflowApi(f"http://127.0.0.1:{server.server_port}", "admin", "wrong").get_run_state("a run")
