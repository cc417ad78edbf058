"""The leaderboard: what is listed, in which order and on which page."""

from typing import Any

import pytest

from factories import make_document
from integration.registry.client import DEFINITIONS, LABELS, Client, find_model_id, open_run, save
from pipeline.stores.database import Database
from pipeline.stores.models.leaderboard import ORDERS
from pipeline.stores.models.ledger import Ledger

LOG = "dags/train_classifiers/runs/{}/tasks/train/mapped/{}"

# The numbers of the three models below in ascending order.
ASCENDING = {
    "score": "210",
    "accuracy": "210",
    "macro_f1": "012",
    "gain": "021",
    "training_seconds": "120",
    "size_bytes": "201",
    "created_at": "102",
}


@pytest.fixture
def three_models(models_db: Database) -> None:
    """Three models and a definition that has none, each order another."""
    open_run(models_db, *DEFINITIONS)
    rows: dict[int, dict[str, Any]] = {
        1: {"accuracy": 0.8, "macro_f1": 0.6, "baseline_accuracy": 0.5, "step_seconds": {"a": 1.0}},
        0: {"accuracy": 0.9, "macro_f1": 0.5, "baseline_accuracy": 0.8, "step_seconds": {"a": 2.0, "b": 1.0}},
        2: {"accuracy": 0.7, "macro_f1": 0.7, "baseline_accuracy": 0.5, "step_seconds": {"a": 2.0}},
    }
    for number, row in rows.items():
        mean = {"accuracy": {0: 0.3, 1: 0.2, 2: 0.1}[number], "macro_f1": 0.5}
        row |= {"validation": {"count": 9, "mean": mean}}
        document = make_document(model="x" * {2: 1, 0: 2, 1: 3}[number])
        save(models_db, DEFINITIONS[number], document=document, **row)


@pytest.mark.usefixtures("three_models")
@pytest.mark.parametrize("column", ASCENDING)
def test_what_has_no_model_comes_last_in_every_order(client: Client, column: str) -> None:
    ascending = [LABELS[int(number)] for number in ASCENDING[column]]

    def list_labels(sort: str) -> list[str]:
        return [row["label"] for row in client.get("/definitions", sort=sort)["items"]]

    assert list_labels(column) == [*ascending, LABELS[3]]
    assert list_labels(f"-{column}") == [*reversed(ascending), LABELS[3]]


@pytest.mark.usefixtures("three_models")
@pytest.mark.parametrize("column", ["label", "state", "run_id"])
def test_what_every_definition_has_is_sorted_too(client: Client, models_db: Database, column: str) -> None:
    open_run(models_db, DEFINITIONS[0], run_id="run-2")

    for sign, reverse in (("", False), ("-", True)):
        found = [row[column] for row in client.get("/definitions", sort=sign + column)["items"]]
        assert found == sorted(found, reverse=reverse)
        assert len({*found}) > 1


def test_every_order_is_tested() -> None:
    assert {order.removeprefix("-") for order in ORDERS} == ASCENDING.keys() | {"label", "state", "run_id"}


def test_another_order_is_refused(client: Client) -> None:
    status, detail = client.refuse("GET", "/definitions", params={"sort": "p_value; DROP TABLE models"})

    assert status == 422
    assert "one of score, -score" in detail


@pytest.mark.usefixtures("three_models")
def test_a_definition_is_shown_with_its_model(client: Client) -> None:
    first, *_, last = client.get("/definitions")["items"]

    assert first["state"] == "trained"
    assert first["definition"] == DEFINITIONS[0].to_dict()
    assert first["differences"] == "sequence_length=1"
    model = first["model"]
    assert (model["label"], model["version"], model["run_id"]) == (LABELS[0], 1, "run-1")
    assert (model["accuracy"], model["accuracy_interval"], model["training_seconds"]) == (0.9, [0.8, 0.95], 3.0)
    assert model["gain"] == pytest.approx(0.1)
    assert model["aliases"] == []
    assert (last["state"], last["model"], last["log_path"]) == ("planned", None, None)


@pytest.mark.usefixtures("three_models")
def test_every_page_tells_the_total(client: Client) -> None:
    pages = [client.get("/definitions", limit=3, offset=offset) for offset in (0, 3, 6)]

    assert [len(page["items"]) for page in pages] == [3, 1, 0]
    assert [page["total"] for page in pages] == [4, 4, 4]
    assert [(page["limit"], page["offset"]) for page in pages] == [(3, 0), (3, 3), (3, 6)]
    assert [row["label"] for page in pages for row in page["items"]] == LABELS


def test_nothing_stored_is_an_empty_page(client: Client) -> None:
    metric = {"name": "accuracy", "title": "accuracy", "lower_is_better": False}
    empty = {"items": [], "total": 0, "limit": 50, "offset": 0, "states": {}, "metric": metric}
    assert client.get("/definitions") == empty


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"offset": -1}, {"offset": 10**9}, {"limit": "x"}])
def test_a_page_that_cannot_be_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.refuse("GET", "/definitions", params=query)[0] == 422


@pytest.fixture
def reusing_run(models_db: Database) -> None:
    """Two runs: the second has one model from the first, a duplicate of it, and two definitions of its own.

    The task instances have other numbers than the plan's positions: adapters are trained in an order of their own.
    """
    first, second, third, fourth = DEFINITIONS
    open_run(models_db, fourth, first, second, duplicates={second.label: first.label})
    Ledger(models_db).begin_training("run-1", first.label, 0)
    save(models_db, first, accuracy=0.9)
    reused = {first.label: find_model_id(models_db, first.label)}
    open_run(
        models_db, first, second, third, fourth, run_id="run-2", reused=reused, duplicates={second.label: first.label}
    )
    Ledger(models_db).begin_training("run-2", fourth.label, 0)
    save(models_db, fourth, "run-2", accuracy=0.8)


@pytest.mark.usefixtures("reusing_run")
def test_without_a_run_each_model_is_listed_once_under_the_run_that_trained_it(client: Client) -> None:
    listed = [(row["run_id"], row["label"], row["state"]) for row in client.get("/definitions")["items"]]

    assert listed[:2] == [("run-1", LABELS[0], "trained"), ("run-2", LABELS[3], "trained")]
    assert sorted(listed[2:]) == sorted([("run-1", LABELS[3], "planned"), ("run-2", LABELS[2], "planned")])


@pytest.mark.usefixtures("reusing_run")
def test_a_run_lists_what_it_reuses_and_its_duplicates_with_their_models(client: Client) -> None:
    page = client.get("/definitions", run="run-2")

    rows = {row["label"]: row for row in page["items"]}
    assert {label: row["state"] for label, row in rows.items()} == dict(
        zip(LABELS, ("reused", "duplicate", "planned", "trained"), strict=True)
    )
    assert rows[LABELS[1]]["duplicate_of"] == LABELS[0]
    models = {label: row["model"] and (row["model"]["run_id"], row["model"]["label"]) for label, row in rows.items()}
    expected = [("run-1", LABELS[0]), ("run-1", LABELS[0]), None, ("run-2", LABELS[3])]
    assert models == dict(zip(LABELS, expected, strict=True))
    assert page["states"] == {"reused": 1, "duplicate": 1, "planned": 1, "trained": 1}


@pytest.mark.usefixtures("reusing_run")
def test_a_log_is_that_of_the_task_instance_that_trained_the_model(client: Client) -> None:
    rows = {row["label"]: row["log_path"] for row in client.get("/definitions", run="run-2")["items"]}

    # neither what is reused nor a duplicate has an instance, and what has not begun has none yet
    foreign = LOG.format("run-1", 0)
    assert rows == dict(zip(LABELS, [foreign, foreign, None, LOG.format("run-2", 0)], strict=True))


def test_a_duplicate_of_what_has_no_model_has_no_log(client: Client, models_db: Database) -> None:
    first, second, *_ = DEFINITIONS
    open_run(models_db, first, second, duplicates={second.label: first.label})
    Ledger(models_db).begin_training("run-1", first.label, 7)

    rows = {row["label"]: row["log_path"] for row in client.get("/definitions", run="run-1")["items"]}

    assert rows == {first.label: LOG.format("run-1", 7), second.label: None}


def test_an_error_is_shown(client: Client, models_db: Database) -> None:
    open_run(models_db, DEFINITIONS[0])
    Ledger(models_db).record_error("run-1", LABELS[0], "no words", final=True)

    [row] = client.get("/definitions")["items"]

    assert (row["state"], row["error"]) == ("failed", "no words")
