"""Models over the API: lists, references, and everything about one."""

import pytest

from factories import make_document, make_trained_model
from integration.registry.client import DEFINITIONS, LABELS, Client, open_run, save
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore

LABEL = LABELS[0]


@pytest.fixture(autouse=True)
def three_models(models_db: Database) -> None:
    """Two versions of one label, the second with an alias, and one of another."""
    open_run(models_db, DEFINITIONS[1], DEFINITIONS[0])
    open_run(models_db, DEFINITIONS[0], run_id="run-2")
    Ledger(models_db).begin_training("run-1", LABEL, 5)
    save(models_db, DEFINITIONS[0], accuracy=0.7)
    save(models_db, DEFINITIONS[1], accuracy=0.8, document=make_document(adapter="another"))
    save(models_db, DEFINITIONS[0], "run-2", accuracy=0.9)
    AliasesStore(models_db).move("champion", f"{LABEL}@2", "ann", "the best")


def test_the_newest_come_first(client: Client) -> None:
    page = client.get("/models")

    assert [(row["label"], row["version"]) for row in page["items"]] == [(LABEL, 2), (LABELS[1], 1), (LABEL, 1)]
    assert [row["aliases"] for row in page["items"]] == [["champion"], [], []]
    assert page["items"][0]["gain"] == pytest.approx(0.4)
    assert page["total"] == 3


def test_a_list_is_of_one_run_or_label(client: Client) -> None:
    assert [row["label"] for row in client.get("/models", run="run-1")["items"]] == [LABELS[1], LABEL]
    assert [row["version"] for row in client.get("/models", label=LABEL)["items"]] == [2, 1]
    assert client.get("/models", run="run-2", label=LABELS[1])["items"] == []


def test_a_list_comes_by_the_page(client: Client) -> None:
    pages = [client.get("/models", limit=2, offset=offset) for offset in (0, 2)]
    past_the_end = client.get("/models", limit=2, offset=100)

    assert [[row["version"] for row in page["items"]] for page in pages] == [[2, 1], [1]]
    assert [page["total"] for page in (*pages, past_the_end)] == [3, 3, 3]
    assert past_the_end["items"] == []


@pytest.mark.parametrize(("reference", "version"), [(LABEL, 2), (f"{LABEL}@1", 1), (f"{LABEL}@2", 2), ("@champion", 2)])
def test_a_reference_means_one_version(client: Client, reference: str, version: int) -> None:
    model = client.get(f"/models/{reference}")

    assert (model["label"], model["version"]) == (LABEL, version)


@pytest.mark.parametrize(
    "reference",
    ["nope", f"{LABEL}@3", f"{LABEL}@0", f"{LABEL}@x", f"{LABEL}@-1", f"{LABEL}@1@1", f"{LABEL}@²", "@nope", "@",
     f"{LABEL}@{'9' * 30}", "%2e%2e", f"@{LABEL}"],
)  # fmt: skip
@pytest.mark.parametrize("part", ["", "/versions", "/definition", "/scores", "/document"])
def test_a_reference_to_nothing_is_not_found(client: Client, reference: str, part: str) -> None:
    assert client.refuse("GET", f"/models/{reference}{part}")[0] == 404


def test_a_reference_that_no_text_in_the_database_is_is_refused(client: Client) -> None:
    assert client.refuse("GET", "/models/a%00b")[0] in (404, 422)


def test_all_of_a_model_but_its_document_is_told(client: Client) -> None:
    model = client.get(f"/models/{LABEL}@1")

    document = make_document()
    assert model["definition"] == DEFINITIONS[0].to_dict()
    assert model["scores"] == make_trained_model(DEFINITIONS[0]).scores | {"accuracy": 0.7}
    assert model["lineage"] == {"seed": 0}
    assert model["step_seconds"] == {"fit_model": 0.5, "fetch": 0.25}
    assert model["training_seconds"] == 0.75
    assert model["accuracy_interval"] == [0.8, 0.95]
    assert model["gain"] == pytest.approx(0.2)
    assert model["log_path"] == "dags/train_classifiers/runs/run-1/tasks/train/mapped/5"
    assert client.get(f"/models/{LABEL}@2")["log_path"] is None  # nobody wrote down which instance trained it
    assert model["document"] == {
        "encoding": "json",
        "size_bytes": document.size_bytes,
        "sha256": document.sha256.hex(),
        "adapter_size_bytes": len(document.adapter or b""),
        "adapter_shared_by": 2,
    }


def test_when_a_model_was_announced_is_told(client: Client, models_db: Database) -> None:
    assert client.get(f"/models/{LABEL}")["announced"] is None

    notifications = NotificationsStore(models_db)
    notifications.insert_missing()
    assert client.get(f"/models/{LABEL}")["announced"]["published_at"] is None
    notifications.publish_each(lambda _: None)
    assert client.get(f"/models/{LABEL}")["announced"]["published_at"] is not None


def test_the_versions_of_a_reference_are_those_of_its_label(client: Client) -> None:
    for reference in (LABEL, f"{LABEL}@1", "@champion"):
        page = client.get(f"/models/{reference}/versions")
        assert [row["version"] for row in page["items"]] == [2, 1]
        assert page["total"] == 2


def test_definition_and_scores_are_told_alone(client: Client) -> None:
    assert client.get("/models/@champion/definition") == DEFINITIONS[0].to_dict()
    assert client.get("/models/@champion/scores")["accuracy"] == 0.9
