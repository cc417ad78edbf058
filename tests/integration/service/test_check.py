"""`pipeline serve --check`: what health checks run."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from commands import run_pipeline
from integration.service.running import TOKEN, Running, start_service
from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.service.check import check

NOTHING = {"AIRFLOW_CONN_MODELS_DB": "postgresql://nobody:x@127.0.0.1:1/nothing"}


def environ_of(service: Running, **others: str) -> dict[str, str]:
    """Return the environment of a check of a running service."""
    port = service.url.rpartition(":")[2]
    return {**NOTHING, "PIPELINE_SERVICE_PORT": port, "PIPELINE_SERVICE_TOKENS": TOKEN, **others}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service that has nothing to serve."""
    with start_service(tmp_path_factory.mktemp("service"), NOTHING) as service:
        yield service


def test_a_service_with_its_models_is_alive_and_ready(tmp_path: Path, environ: dict[str, str]) -> None:
    with start_service(tmp_path, environ | {"PIPELINE_SERVICE_HOST": "0.0.0.0"}) as service:  # noqa: S104
        for question in ("alive", "ready"):
            done = run_pipeline(
                environ_of(service, PIPELINE_SERVICE_HOST="0.0.0.0"),  # noqa: S104 - as in a container
                "serve",
                "--check",
                question,
            )
            assert (done.returncode, done.stdout) == (0, f"{question}\n"), done.stderr


def test_a_service_without_a_model_is_alive_and_not_ready(empty: Running) -> None:
    # a proxy that there is not: it must not be asked
    environ = environ_of(empty, http_proxy="http://127.0.0.1:1", no_proxy="")
    alive, ready = (run_pipeline(environ, "serve", "--check", question) for question in ("alive", "ready"))

    assert alive.returncode == 0, alive.stderr
    assert (ready.returncode, ready.stdout) == (1, "")
    assert f"error {empty.url}/readyz: not ready: models_db: no connection" in ready.stderr


def test_an_option_names_another_service_than_the_environment(empty: Running) -> None:
    environ = environ_of(empty, PIPELINE_SERVICE_PORT="1")
    port = empty.url.rpartition(":")[2]

    assert run_pipeline(environ, "serve", "--check", "alive", "--port", port).returncode == 0


def test_another_token_is_refused_and_not_repeated(empty: Running) -> None:
    other = "o" * 30
    done = run_pipeline(environ_of(empty, PIPELINE_SERVICE_TOKENS=other), "serve", "--check", "alive")

    assert done.returncode == 1
    assert "not alive: send a token of this service" in done.stderr
    assert other not in done.stderr


def test_where_nothing_answers_the_error_says_so() -> None:
    with pytest.raises(PipelineError, match=r"http://127.0.0.1:1/livez: no service answers there \(Conn.*Error\)"):
        check(Service(port=1, tokens=TOKEN), "alive")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [(b"<html>", 200, r"no service answers there \(JSON"), (b"[]", 404, "not alive: it answered 404")],
)
def test_another_program_is_not_taken_for_the_service(body: bytes, status: int, message: str) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(PipelineError, match=message):
            check(Service(port=server.server_port, tokens=TOKEN), "alive")
        thread.join()
