"""Watching a run while the server it is asked of fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.airflow_client.api import AirflowApi
from pipeline.cli import follow
from pipeline.errors import AirflowUnavailableError, DatabaseUnavailableError, DeploymentError


@contextmanager
def serve(*statuses: int) -> Iterator[AirflowApi]:
    """Serve an Airflow that answers the login, and then with these statuses in turn, the last one for ever."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.answer(201, {"access_token": "x"})

        def do_GET(self) -> None:
            status = left.pop(0) if len(left) > 1 else left[0]
            self.answer(status, {"state": "success"} if status == 200 else {"detail": "Internal Server Error"})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield AirflowApi(f"http://127.0.0.1:{server.server_address[1]}", "admin", "x")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class NoLedger:
    """A ledger with one definition, that has ended before."""

    def list_definitions(self, run_id: str) -> list[dict[str, Any]]:
        """Return nothing of a run."""
        assert run_id == "run-1"
        return []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(follow, "ledger", NoLedger)
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_airflow_that_fails_for_a_while_is_outlasted(status: int) -> None:
    with serve(status, status, status, 200) as airflow:
        assert follow._follow(airflow, "run-1", 1, (), quiet=True) == "success"


def test_what_another_try_cannot_change_ends_it() -> None:
    with serve(403) as airflow, pytest.raises(DeploymentError, match="Airflow answered 403"):
        follow._follow(airflow, "run-1", 1, (), quiet=True)


def test_a_server_that_stays_away_ends_it_with_where_the_run_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "ABSENT_SECONDS", 0)
    gone = AirflowApi("http://127.0.0.1:1", "admin", "x")

    with pytest.raises(AirflowUnavailableError, match="the run continues: see `pipeline runs show run-1`"):
        follow._follow(gone, "run-1", 1, (), quiet=True)


@pytest.mark.parametrize(
    "error", [AirflowUnavailableError("airflow", "answered 500"), DatabaseUnavailableError("db", "away")]
)
def test_whoever_waits_long_is_told_once_for_what(
    error: DeploymentError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(follow, "QUIET_SECONDS", -1)
    patience = follow.Patience("`pipeline runs show run-1`")

    for _ in range(3):
        patience.bear(error)
    patience.renew()

    said = capsys.readouterr().err
    assert said.count("Waiting for it; the run continues") == 1
    assert said.count("It answers again.") == 1
