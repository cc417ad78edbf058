"""The registry as the source of models: the real application, behind a login like Airflow's."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from integration.registry.trained import DEFINITION
from integration.service.conftest import Move
from integration.service.running import start_service, wait_until
from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.ports import free_port
from pipeline.errors import AirflowUnavailableError, DocumentError, NotFoundError, PipelineError
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline.serialisation.document import join_document
from pipeline.service.database_source import DatabaseSource
from pipeline.service.registry_source import RegistrySource
from pipeline.stores.database import Database

LABEL = DEFINITION.label


@pytest.fixture
def registry(models_db: Database) -> Iterator[str]:
    """The address of an API server with the registry."""
    app = FastAPI()
    app.mount("/registry", make_app(Access(lambda: "ann", lambda: "ann", lambda: "ann"), lambda: models_db))

    @app.post("/auth/token", status_code=201)
    def login() -> dict[str, str]:
        return {"access_token": "a token"}

    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{server.config.port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def source(registry: str) -> RegistrySource:
    return RegistrySource(AirflowApi(registry, "ann", "secret"))


@pytest.mark.parametrize("reference", ["@champion", LABEL, f"{LABEL}@1"])
def test_it_points_where_the_database_points(
    source: RegistrySource, move: Move, models_db: Database, reference: str
) -> None:
    move(2)
    target = source.look(reference)

    assert target == DatabaseSource(models_db).look(reference)
    fetched, stored = source.fetch(target), DatabaseSource(models_db).fetch(target)
    assert str(join_document(fetched)) == str(join_document(stored))


def test_what_does_not_exist_is_not_found(source: RegistrySource, move: Move) -> None:
    move(1)
    for reference in ("@other", "other", f"{LABEL}@3"):
        with pytest.raises(NotFoundError):
            source.look(reference)


def test_a_damaged_document_is_refused(source: RegistrySource, move: Move, models_db: Database) -> None:
    move(1)
    target = source.look("@champion")
    with models_db.connection() as connection:
        connection.execute("UPDATE models SET document = replace(document, '}', ' }') WHERE version = 1")

    with pytest.raises(PipelineError, match="the registry answered 409"):
        source.fetch(target)


def test_a_document_that_changes_on_its_way_is_refused(
    source: RegistrySource, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(1)
    target = source.look("@champion")
    monkeypatch.setattr("pipeline.registry.documents.digest_content", lambda _: "sha-256=:AAAA:")

    with pytest.raises(DocumentError, match="was damaged on its way"):
        source.fetch(target)


def test_another_program_at_the_address_is_no_registry(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.registry.documents._tag", lambda *_: "another tag")
    source = RegistrySource(AirflowApi(f"{registry}/other", "ann", "secret"))

    with pytest.raises(PipelineError):
        source.look("@champion")
    nobody = RegistrySource(AirflowApi("http://127.0.0.1:1", "ann", "secret"))
    with pytest.raises(AirflowUnavailableError, match="Airflow does not answer"):
        nobody.look("@champion")


def test_a_service_follows_the_registry(tmp_path: Path, registry: str, move: Move) -> None:
    move(1)
    environ = {
        "PIPELINE_AIRFLOW_URL": registry,
        "PIPELINE_AIRFLOW_USERNAME": "ann",
        "PIPELINE_AIRFLOW_PASSWORD": "secret",
    }
    with start_service(tmp_path, environ) as service:
        assert service.classify()["version"] == 1
        move(2)
        wait_until(lambda: service.models()[0]["version"] == 2, "the move")
