"""How Airflow's REST API is called."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.airflow_client.api import AirflowApi
from pipeline.errors import DeploymentError


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """Return a server that answers everything, and lists in `connections` the clients that connected."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections.append(self.client_address)  # type: ignore[attr-defined]

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            data = json.dumps({"access_token": "x", "state": "running"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.connections = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:secret", "http://[::1", "ftp://secret", "secret", "http://admin:secret@127.0.0.1:8080"],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(DeploymentError, match="PIPELINE_AIRFLOW_URL: it is not the address of a server") as caught:
        AirflowApi(address, "admin", "x")
    assert "secret" not in str(caught.value)


def test_all_calls_share_one_connection(server: ThreadingHTTPServer) -> None:
    api = AirflowApi(f"http://127.0.0.1:{server.server_address[1]}", "admin", "x")
    assert {api.get_run_state("run-1") for _ in range(5)} == {"running"}
    assert len(server.connections) == 1  # type: ignore[attr-defined]
