"""Databases that an earlier version has written come along."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore
from pipeline.training.adapted_model import AdaptedModel

DEFINITIONS = [make_definition(sequence_length=length) for length in (1, 2, 3)]

RUN = "INSERT INTO runs (run_id, plan, permutations, closed_at) VALUES (%s, '{}', 4, %s)"
RUN_OF_TWO = "INSERT INTO runs (run_id, plan, permutations) VALUES ('run-1', '{}', 2)"
DEFINITION = "INSERT INTO definitions (run_id, label, position, definition, state) VALUES (%s, %s, %s, %s, %s)"

MODEL = """
INSERT INTO models (label, version, run_id, definition, document, document_sha256, size_bytes, scores, lineage,
    step_seconds, training_seconds)
VALUES (%s, %s, %s, '{}', %s, %s, 1, '{"accuracy": 0.9, "macro_f1": 0.8}', '{}', '{}', 1)
"""
NOTIFICATIONS = "INSERT INTO notifications (model_id) SELECT model_id FROM models ORDER BY model_id DESC"
NOTE_OF_EARLIER = """
INSERT INTO notifications (model_id, change) SELECT model_id, nextval('notification_changes') FROM models
ORDER BY model_id LIMIT 1
"""
MOVES_OF_EARLIER = """
INSERT INTO alias_moves (alias, model_id, document_sha256, moved_by, reason, moved_at)
SELECT alias, model_id, document_sha256, 'ann', 'before it', '2026-1-1'::timestamptz + place * interval '1 day'
FROM (VALUES (1, 'champion', 1), (2, 'other', 1), (3, 'other', NULL), (4, 'champion', 2)) AS made (place, alias, model)
LEFT JOIN models ON model_id = model ORDER BY place
"""
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
        assert ledger.begin_training(run_id, DEFINITIONS[1].label) == (
            DEFINITIONS[1].to_dict(), 0, "json", "accuracy", None, None
        )  # fmt: skip
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


def test_its_moves_count_as_published_and_later_ones_are_published(postgres_url: str) -> None:
    migrate(postgres_url, "models", "0006")
    database = Database.from_url("models_db", postgres_url)
    with database.connection() as connection:
        connection.execute(RUN_OF_TWO)
        for position, definition in enumerate(DEFINITIONS[:2]):
            connection.execute(DEFINITION, ("run-1", definition.label, position, definition.text, "trained"))
            connection.execute(MODEL, (definition.label, 1, "run-1", "a document", b"its digest"))
        connection.execute(NOTE_OF_EARLIER)
        connection.execute(MOVES_OF_EARLIER)
    migrate(postgres_url, "models")
    store, aliases = NotificationsStore(database), AliasesStore(database)

    assert (store.insert_missing_moves(), store.has_unpublished_moves()) == (0, False)
    assert all(move["published_at"] == move["moved_at"] for move in aliases.list_moves())
    aliases.move("champion", DEFINITIONS[0].label, "ann", "after it")
    assert store.insert_missing_moves() == 1
    assert store.insert_missing() == 1
    sent: list[dict[str, Any]] = []
    assert (store.publish_each(sent.append), store.publish_moves(sent.append)) == (2, 1)

    assert [message["label"] for message in sent] == [DEFINITIONS[place].label for place in (0, 1, 0)]
    assert (sent[2]["event"], sent[2]["reason"]) == ("alias.moved", "after it")
    assert sent[2]["previous"] == {"label": DEFINITIONS[1].label, "version": 1}
    told = [(each["alias"], each["label"]) for each in store.read_announced() if "event" in each]
    first, second = (definition.label for definition in DEFINITIONS[:2])
    assert told == [("champion", first), ("other", first), ("other", None), ("champion", second), ("champion", first)]
    changes = [row["change"] for row in store.list_changed(0, 10, with_moves=True)]
    assert changes == sorted(set(changes))
    assert len(changes) == 7


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
