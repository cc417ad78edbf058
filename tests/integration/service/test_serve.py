"""A service over a models database: what it answers, what it follows, and what it survives."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from corpus import make_examples
from integration.registry.trained import DEFINITION, train_logistic
from integration.service.conftest import Move
from integration.service.running import TOKEN, start_service, wait_until
from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.service import listeners
from pipeline.service.listeners import open_listeners
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

TEXTS = list(make_examples(7, seed=3).texts)
LABEL = DEFINITION.label


def test_texts_are_answered_as_the_model_answers_them(tmp_path: Path, environ: dict[str, str]) -> None:
    model = train_logistic()
    with start_service(tmp_path, environ) as service, service.client() as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        answer = client.post("/v1/classify", json={"texts": TEXTS}).json()

        shares = model.probabilities(TEXTS).tolist()
        assert (answer["model"], answer["label"], answer["version"]) == ("@champion", LABEL, 1)
        assert [item["classification"] for item in answer["items"]] == model.classify(TEXTS)
        assert [list(item["probabilities"].values()) for item in answer["items"]] == shares
        assert service.stop() == 0


def test_a_moved_alias_is_in_service_in_every_process(tmp_path: Path, environ: dict[str, str], move: Move) -> None:
    with start_service(tmp_path, environ | {"PIPELINE_SERVICE_WORKERS": "2"}) as service:
        assert len(service.workers) == 2
        for version in (2, 1, 2):
            move(version)
            wait_until(lambda: service.models()[0]["version"] == version, "the move")  # noqa: B023 - called at once
            # each request has a connection of its own, and so any process
            assert {service.classify()["version"] for _ in range(20)} == {version}
        assert service.models()[0]["trouble"] is None


def test_no_request_fails_while_an_alias_moves(tmp_path: Path, environ: dict[str, str], move: Move) -> None:
    with start_service(tmp_path, environ) as service, service.client() as client:
        for version in (2, 1) * 5:
            move(version)
            while True:
                shown = client.get("/v1/models").json()[0]["version"]
                answered = client.post("/v1/classify", json={"text": "one two"}).raise_for_status().json()["version"]
                assert answered in (1, 2)
                if shown == version:
                    assert answered == version
                    break


def test_a_damaged_document_never_replaces_one_that_works(
    tmp_path: Path, environ: dict[str, str], move: Move, models_db: Database
) -> None:
    with models_db.connection() as connection:
        connection.execute("UPDATE models SET document = replace(document, '}', ' }') WHERE version = 2")
    with start_service(tmp_path, environ) as service:
        move(2)
        [shown] = wait_until(lambda: [each for each in service.models() if each["trouble"]], "the refusal")

        assert shown["version"] == service.classify()["version"] == 1
        assert "its stored document was changed or damaged" in shown["trouble"]["what"]
        move(1)
        wait_until(lambda: service.models()[0]["trouble"] is None, "the end of the trouble")


def test_a_refused_document_never_replaces_one_that_works(
    tmp_path: Path, environ: dict[str, str], move: Move, models_db: Database
) -> None:
    """Its digest is right, but no model is in it."""
    with models_db.connection() as connection:
        connection.execute(
            "UPDATE models SET document = '{}', adapter_sha256 = NULL, document_sha256 = sha256('{}') WHERE version = 2"
        )
    with start_service(tmp_path, environ | {"PIPELINE_SERVICE_WORKERS": "2"}) as service:
        move(2)
        [shown] = wait_until(lambda: [each for each in service.models() if each["trouble"]], "the refusal")

        assert f"{LABEL}@2 is refused" in shown["trouble"]["what"]
        assert {service.classify()["version"] for _ in range(10)} == {1}


def test_an_alias_that_vanishes_leaves_its_model_in_service(
    tmp_path: Path, environ: dict[str, str], models_db: Database
) -> None:
    with start_service(tmp_path, environ) as service:
        AliasesStore(models_db).remove("champion", "ann", "a test")
        [shown] = wait_until(lambda: [each for each in service.models() if each["trouble"]], "the report")

        assert "there is no 'champion'" in shown["trouble"]["what"]
        assert service.classify()["version"] == 1


def test_it_starts_before_there_is_a_model(tmp_path: Path, models_url: str) -> None:
    with start_service(tmp_path, {"AIRFLOW_CONN_MODELS_DB": models_url}) as service, service.client() as client:
        assert client.get("/livez").status_code == 200
        refused = client.get("/readyz")
        assert refused.status_code == 503
        assert "there is no 'champion'" in refused.json()["detail"]
        answer = client.post("/v1/classify", json={"text": "one"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_without_anything_else_it_starts_from_what_it_kept(tmp_path: Path, environ: dict[str, str]) -> None:
    with start_service(tmp_path, environ) as service:
        answer = service.classify(TEXTS[0])
        service.stop()
    kept = (tmp_path / "documents").iterdir()
    assert all(LABEL.encode() not in path.read_bytes() for path in kept)
    nothing = {"AIRFLOW_CONN_MODELS_DB": "postgresql://nobody:x@127.0.0.1:1/nothing"}

    with start_service(tmp_path, nothing) as service:
        assert service.classify(TEXTS[0]) == answer
        [shown] = service.models()
        assert "no connection" in shown["trouble"]["what"]


def test_it_catches_up_with_a_move_that_it_missed(tmp_path: Path, environ: dict[str, str], move: Move) -> None:
    with start_service(tmp_path, environ) as service:
        service.stop()
    move(2)

    with start_service(tmp_path, environ) as service:
        assert service.classify()["version"] == 2


def test_a_killed_process_is_replaced_and_serves_the_same(tmp_path: Path, environ: dict[str, str], move: Move) -> None:
    with start_service(tmp_path, environ) as service:
        move(2)
        wait_until(lambda: service.models()[0]["version"] == 2, "the move")
        [worker] = service.workers
        worker.kill()

        assert service.classify()["version"] == 2  # it waits for the next process, and is not refused
        assert service.workers != [worker]


def test_a_killed_service_leaves_nothing_behind_and_starts_again(tmp_path: Path, environ: dict[str, str]) -> None:
    with start_service(tmp_path, environ) as service:
        workers = service.workers
        service.stop(signal.SIGKILL)
        wait_until(lambda: not any(worker.is_running() for worker in workers), "the workers to end")
        port = service.url.rpartition(":")[2]

        with start_service(tmp_path, environ | {"PIPELINE_SERVICE_PORT": port}) as again:
            assert again.classify()["version"] == 1


def test_tokens_change_without_a_restart_and_outlive_their_file(tmp_path: Path, environ: dict[str, str]) -> None:
    file = tmp_path / "tokens"
    file.touch(mode=0o600)
    file.write_text(TOKEN)
    settings = {"PIPELINE_SERVICE_TOKENS": "", "PIPELINE_SERVICE_TOKENS_FILE": str(file)}
    with start_service(tmp_path, environ | settings) as service, service.client() as former:
        assert former.get("/livez").status_code == 200
        file.write_text("another-token-of-this-test")
        wait_until(lambda: former.get("/livez").status_code == 401, "the former token to end")
        headers = {"Authorization": "Bearer another-token-of-this-test"}
        file.unlink()
        [worker] = service.workers
        worker.kill()

        assert httpx.get(f"{service.url}/readyz", headers=headers, timeout=60, trust_env=False).status_code == 200
        assert "the former tokens stay valid" in service.said


def test_two_services_do_not_share_a_port(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_service(tmp_path, environ) as service:
        monkeypatch.setattr(listeners, "_PORT_SECONDS", 0)
        with pytest.raises(PipelineError, match=r"PIPELINE_SERVICE_PORT: port \d+ of 127.0.0.1 cannot be used"):
            open_listeners(Service(port=int(service.url.rpartition(":")[2])))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/classify",
        "/v1/classify/stream",
        "/v1/models",
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/",
        "/nothing",
    ],
)
def test_the_anonymous_are_answered_401_everywhere(path: str, served: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        for headers in ({}, {"Authorization": "Bearer " + "x" * 30}, {"Authorization": f"Basic {TOKEN}"}):
            answer = httpx.request(method, served + path, headers=headers, trust_env=False)
            assert answer.status_code == 401, (method, path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has nothing to serve."""
    nothing = {"AIRFLOW_CONN_MODELS_DB": "postgresql://nobody:x@127.0.0.1:1/nothing"}
    with start_service(tmp_path_factory.mktemp("service"), nothing) as service:
        yield service.url
