"""An API server that answers what a test says about one run, and remembers what it was asked to change."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class AirflowStandIn:
    """What Airflow knows of its only run.

    Args:
        state: of the run; nothing where there is no run.
        labels: what `expand_plan` gave; nothing where it did not succeed.
        trainings: the state of each `train` instance by its map index.
        deaf_after: how many changes it makes before it refuses them.
    """

    def __init__(
        self,
        state: str | None = "failed",
        labels: list[str] | None = None,
        trainings: dict[int, str] | None = None,
        deaf_after: int = 1000,
    ) -> None:
        self.state = state
        self.labels = labels
        self.trainings = trainings or {}
        self.deaf_after = deaf_after
        self.url = ""
        self.changes: list[tuple[str, Any]] = []

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which commands find the server."""
        names = {"URL": self.url, "USERNAME": "admin", "PASSWORD": "secret"}
        return {f"PIPELINE_AIRFLOW_{name}": value for name, value in names.items()}

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        """Return status and answer of a request."""
        path, query = unquote(urlsplit(url).path), parse_qs(urlsplit(url).query)
        if path == "/auth/token":
            return 201, {"access_token": "token"}
        if method != "GET":
            return self._change(f"{method} {path.rpartition('/')[2]}", body)
        if self.state is None:
            return 404, {"detail": "no such run"}
        if path.endswith("/return_value"):
            return (404, {}) if self.labels is None else (200, {"value": json.dumps(self.labels)})
        if path.endswith("/taskInstances"):
            wanted = query.get("state", list(self.trainings.values()))
            found = [{"map_index": index} for index, state in sorted(self.trainings.items()) if state in wanted]
            first, last = int(query.get("offset", ["0"])[0]), int(query["limit"][0])
            return 200, {"task_instances": found[first : first + last]}
        return 200, {"state": self.state}

    def _change(self, what: str, body: Any) -> tuple[int, Any]:
        if len(self.changes) >= self.deaf_after:
            return 500, {"detail": "out of order"}
        self.changes.append((what, body))
        if what == "POST clearTaskInstances" and body["reset_dag_runs"]:
            self.state = "queued"
        return 200, {}


@contextmanager
def stand_in(airflow: AirflowStandIn) -> Iterator[AirflowStandIn]:
    """Serve the stand-in on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = airflow.answer(self.command, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    airflow.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield airflow
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
