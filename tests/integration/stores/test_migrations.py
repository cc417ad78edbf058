"""Databases that an earlier version has written come along."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from factories import make_definition, make_trained_model
from pipeline.errors import DatabaseUnavailableError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import Example, Selection
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.serialisation.document import join_document
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.migrations.migrate import migrate
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore
from pipeline.training.adapted_model import AdaptedModel

DEFINITIONS = [make_definition(sequence_length=length) for length in (1, 2, 3)]

RUN = "INSERT INTO runs (run_id, plan, permutations, closed_at) VALUES (%s, '{}', 4, %s)"
DEFINITION = "INSERT INTO definitions (run_id, label, position, definition, state) VALUES (%s, %s, %s, %s, %s)"

MODEL = """
INSERT INTO models (label, version, run_id, definition, document, document_sha256, size_bytes, scores, lineage,
    step_seconds, training_seconds)
VALUES (%s, %s, %s, '{}', %s, %s, 1, '{"accuracy": 0.9, "macro_f1": 0.8}', '{}', '{}', 1)
"""
NOTIFICATIONS = "INSERT INTO notifications (model_id) SELECT model_id FROM models ORDER BY model_id DESC"
DOCUMENT = Path(__file__).parents[2] / "documents" / "format_1" / "tfidf-svm.json"


@pytest.fixture
def earlier(postgres_url: str) -> Database:
    """A database of the first version, with an open and a closed run of a trained, a lost and a planned definition."""
    migrate(postgres_url, "models", "0001")
    database = Database.from_url("models_db", postgres_url)
    with database.connection() as connection:
        for run_id, closed_at in (("open", None), ("closed", "2026-1-1")):
            connection.execute(RUN, (run_id, closed_at))
            for position, (definition, state) in enumerate(
                zip(DEFINITIONS, ("trained", "training", "planned"), strict=True)
            ):
                connection.execute(DEFINITION, (run_id, definition.label, position, definition.text, state))
        document = DOCUMENT.read_text().strip()
        sha256 = hashlib.sha256(document.encode()).digest()
        for version, run_id in enumerate(("open", "closed"), start=1):
            connection.execute(MODEL, (DEFINITIONS[0].label, version, run_id, document, sha256))
    migrate(postgres_url, "models", "0003")
    with database.connection() as connection:
        connection.execute(NOTIFICATIONS)
    migrate(postgres_url, "models")
    return database


def test_its_runs_add_up_and_what_a_closed_run_left_has_failed(earlier: Database) -> None:
    ledger = Ledger(earlier)

    runs = {run["run_id"]: run for run in ledger.list_runs()}

    assert [row["state"] for row in ledger.list_definitions("open")] == ["trained", "training", "planned"]
    assert [row["state"] for row in ledger.list_definitions("closed")] == ["trained", "failed", "failed"]
    for run in runs.values():
        assert sum(run[state] for state in (*FINAL_STATES, "training", "planned")) == run["permutations"] == 4
        assert run["duplicate"] == 1


def test_its_runs_go_on(earlier: Database) -> None:
    ledger = Ledger(earlier)

    for run_id in ("open", "closed"):
        assert ledger.begin_training(run_id, DEFINITIONS[1].label) == (DEFINITIONS[1].to_dict(), 0, "json", None)
        ModelsStore(earlier).save(make_trained_model(DEFINITIONS[1], run_id))
        ledger.close_run(run_id)

    assert [row["state"] for row in ledger.list_definitions("open")] == ["trained", "trained", "failed"]


def test_its_models_are_read_as_they_are(earlier: Database) -> None:
    stored = ModelsStore(earlier).get_document(DEFINITIONS[0].label)

    assert (stored.encoding, stored.adapter) == ("json", None)
    assert stored.rest.decode() == DOCUMENT.read_text().strip()
    assert AdaptedModel.from_dict(join_document(stored)).classify(["aword1 aword2"]) == ["class A"]


def test_nobody_knows_which_task_instance_trained_them_or_what_they_were_tested_on(earlier: Database) -> None:
    (row, *_) = Ledger(earlier).list_definitions("open")

    assert (row["state"], row["map_index"], row["testing_set"], row["marks"]) == ("trained", None, None, [])
    assert ModelsStore(earlier).get_model(DEFINITIONS[0].label)["map_index"] is None


def test_its_notifications_keep_their_order_and_new_ones_come_after(earlier: Database) -> None:
    store = NotificationsStore(earlier)
    before = store.list_changed(0, 10)
    ModelsStore(earlier).save(make_trained_model(DEFINITIONS[1], "open"))
    store.insert_missing()

    after = store.list_changed(before[-1]["change"], 10)

    assert [row["run"] for row in before] == ["closed", "open"]
    assert [row["label"] for row in after] == [DEFINITIONS[1].label]


def test_examples_of_an_earlier_version_are_fetched_after_it_and_before_it_the_error_says_what_to_do(
    postgres_url: str,
) -> None:
    migrate(postgres_url, "examples", "0001")
    store = ExamplesStore(Database.from_url("examples_db", postgres_url), KeyRing.generate())
    moment = datetime(2016, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
    selection = Selection("default", moment, moment + timedelta(microseconds=1))
    store.load("default", [IncomingRow(1, "one", moment, "class A", "a text")], BrokenRows("rows.csv"))

    with pytest.raises(DatabaseUnavailableError, match="examples_db: its tables are those of an earlier version; run"):
        store.fetch(selection)
    migrate(postgres_url, "examples")

    assert [*store.fetch(selection)] == [Example("a text", "class A", moment)]
