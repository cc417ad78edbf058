"""A deleted model is out of service within a look, and off the service's disk."""

from pathlib import Path

from integration.registry.trained import DEFINITION
from integration.service.conftest import Move
from integration.service.running import start_service, wait_until
from pipeline.stores.author import Author
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.removal import RemovalStore

LABEL = DEFINITION.label
AUTHOR = Author("ann", "a test")


def list_documents(folder: Path) -> list[Path]:
    return [*(folder / "documents").glob("*")]


def test_a_deleted_model_is_taken_out_of_service_and_off_the_disk(
    tmp_path: Path, environ: dict[str, str], models_db: Database
) -> None:
    with start_service(tmp_path, environ | {"PIPELINE_SERVICE_WORKERS": "2"}) as service, service.client() as client:
        wait_until(lambda: list_documents(tmp_path), "the saved document")
        RemovalStore(models_db).delete([f"{LABEL}@1"], AUTHOR, with_aliases=True)

        wait_until(lambda: service.models()[0]["label"] is None, "the end of its service")
        assert {client.post("/v1/classify", json={"text": "one"}).status_code for _ in range(20)} == {503}
        assert client.get("/readyz").status_code == 503
        assert list_documents(tmp_path) == []
        assert f"out of service, because it was deleted model=@champion version={LABEL}@1" in service.said

        AliasesStore(models_db).move("champion", f"{LABEL}@2", "ann", "a test")
        wait_until(lambda: service.models()[0]["version"] == 2, "the next model")
        assert service.classify()["version"] == 2


def test_a_model_that_was_deleted_while_the_service_was_down_is_not_served_from_the_disk(
    tmp_path: Path, environ: dict[str, str], models_db: Database
) -> None:
    with start_service(tmp_path, environ) as service:
        wait_until(lambda: list_documents(tmp_path), "the saved document")
        service.stop()
    RemovalStore(models_db).delete([f"{LABEL}@1"], AUTHOR, with_aliases=True)

    with start_service(tmp_path, environ) as service, service.client() as client:
        assert client.post("/v1/classify", json={"text": "one"}).status_code == 503
        assert list_documents(tmp_path) == []


def test_a_model_that_was_deleted_after_its_successor_was_refused_is_not_served_on(
    tmp_path: Path, environ: dict[str, str], models_db: Database, move: Move
) -> None:
    with models_db.connection() as connection:
        connection.execute("UPDATE models SET document_sha256 = sha256('another') WHERE version = 2")
    with start_service(tmp_path, environ) as service:
        move(2)
        wait_until(lambda: service.models()[0]["trouble"], "the refusal")
        assert service.classify()["version"] == 1

        RemovalStore(models_db).delete([f"{LABEL}@1"], AUTHOR)

        wait_until(lambda: service.models()[0]["label"] is None, "the end of its service")
