"""One definition trained on real databases: what is stored, and what the ledger says when it cannot be."""

import socket
from typing import Any

import pytest

from factories import make_definition, make_expansion
from integration.january import load_january
from pipeline.errors import DatabaseUnavailableError, PipelineError, TrainingError
from pipeline.examples.keyring import KeyRing
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.notifications.queue import open_queue
from pipeline.plans import Definition
from pipeline.plans.settings import Settings
from pipeline.runs.announce import notify
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.serialisation.document import join_document
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.stores.models.trainings import list_trainings
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.lineage import TaskRun

RUN = TaskRun("run-1")
DEFINITION = make_definition()


@pytest.fixture
def connections(
    examples_db: Database, models_db: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Connections:
    """Databases that hold forty examples of two classes in January 2016, and a run of one definition."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    load_january(examples_db, keyring)
    Ledger(models_db).open_run(RUN.run_id, {}, make_expansion(DEFINITION))
    return Connections(examples_db, models_db, postgres_url)


def only_row(connections: Connections) -> dict[str, Any]:
    (row,) = Ledger(connections.models_db).list_definitions(RUN.run_id)
    return row


def test_a_trained_definition_is_stored_with_scores_and_lineage(connections: Connections) -> None:
    version = train(DEFINITION.label, RUN, connections)

    store = ModelsStore(connections.models_db)
    model = store.get_model(DEFINITION.label)
    assert (version, only_row(connections)["state"]) == (1, "trained")
    assert model["scores"]["accuracy"] == 1.0
    assert model["scores"]["baseline_accuracy"] == 0.5
    assert model["lineage"]["examples"]["training"]["count"] == 32
    assert store.get_curves(DEFINITION.label) is None
    assert list_trainings(connections.models_db, "run-1")[0]["host"] == socket.gethostname()
    fitting = {"fetch", "fit_adapter", "adapt", "fit_model", "make_canary"}
    assert set(model["step_seconds"]) == {*fitting, "test", "write_document", "read_document"}
    stored = store.get_document(DEFINITION.label)
    assert stored.encoding == "json"
    assert AdaptedModel.from_dict(join_document(stored)).classify(["iron and zinc"]) == ["metal"]


def test_a_plan_chooses_how_its_models_are_stored(connections: Connections) -> None:
    expansion = make_expansion(DEFINITION, settings=Settings(encoding="binary"))
    Ledger(connections.models_db).open_run("run-2", {}, expansion)

    train(DEFINITION.label, TaskRun("run-2"), connections)

    stored = ModelsStore(connections.models_db).get_document(DEFINITION.label)
    assert stored.encoding == "binary"
    assert AdaptedModel.from_dict(join_document(stored)).classify(["iron and zinc"]) == ["metal"]


def test_what_training_warned_of_is_told_with_the_model(connections: Connections) -> None:
    options = DEFINITION.to_dict()
    options["model"] = {"name": "scikit_model_logistic_regression", "options": {"max_iter": 1}}
    hurried = Definition.from_dict(options)
    Ledger(connections.models_db).open_run("run-2", {}, make_expansion(DEFINITION, hurried))

    for definition in (DEFINITION, hurried):
        train(definition.label, TaskRun("run-2"), connections)

    store = ModelsStore(connections.models_db)
    told = [store.get_model(each.label)["lineage"]["warnings"] for each in (DEFINITION, hurried)]
    assert told == [[], ["ConvergenceWarning"]]
    marks = {row["label"]: row["marks"] for row in Ledger(connections.models_db).list_definitions("run-2")}
    assert marks == {DEFINITION.label: [], hurried.label: ["not converged", "one class"]}
    assert store.get_model(hurried.label)["marks"] == marks[hurried.label]
    assert notify("run-2", connections) == 2
    messages: list[dict[str, Any]] = []
    with open_queue(connections.notifications_url) as queue:
        queue.consume(messages.append, timeout_seconds=1)
    assert {message["label"]: message["scores"]["marks"] for message in messages} == marks


def test_training_twice_gives_one_row_and_the_same_document(connections: Connections) -> None:
    store = ModelsStore(connections.models_db)
    documents = []
    for number in (1, 2):
        train(DEFINITION.label, TaskRun(RUN.run_id, number), connections)
        documents.append(store.get_document(DEFINITION.label))

    assert documents[0] == documents[1]
    assert len(store.list_models()) == 1


def test_what_cannot_be_trained_is_failed_in_the_ledger_with_its_reason(connections: Connections) -> None:
    options = DEFINITION.to_dict()
    options["dataset"]["options"]["collection"] = "nothing-here"
    definition = Definition.from_dict(options)
    Ledger(connections.models_db).open_run("run-2", {}, make_expansion(definition))

    with pytest.raises(TrainingError):
        train(definition.label, TaskRun("run-2"), connections)

    (row,) = Ledger(connections.models_db).list_definitions("run-2")
    assert row["state"] == "failed"
    assert "collection 'nothing-here' holds no examples" in row["error"]


def test_an_examples_database_that_is_down_leaves_the_definition_to_another_try(connections: Connections) -> None:
    nowhere = Database.from_url("examples_db", "postgresql://pipeline@127.0.0.1:1/examples")
    broken = Connections(nowhere, connections.models_db, connections.notifications_url)

    with pytest.raises(DatabaseUnavailableError):
        train(DEFINITION.label, RUN, broken)

    row = only_row(connections)
    assert row["state"] == "training"
    assert row["error"].startswith("examples_db: no connection")

    train(DEFINITION.label, RUN, connections)
    row = only_row(connections)
    assert (row["state"], row["error"]) == ("trained", None)


def test_an_unforeseen_error_does_not_carry_a_text_into_the_ledger(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("could not convert 'apple pear plum'")

    monkeypatch.setattr(ScikitModelSvm, "fit", fail)

    with pytest.raises(ValueError, match="could not convert"):
        train(DEFINITION.label, RUN, connections)

    error = only_row(connections)["error"]
    assert error == "ValueError; the log of the task instance says where"


def test_notify_closes_the_run_and_puts_each_model_on_the_queue(connections: Connections) -> None:
    train(DEFINITION.label, RUN, connections)

    assert notify(RUN.run_id, connections) == 1
    assert notify(RUN.run_id, connections) == 0

    seen: list[dict[str, Any]] = []
    with open_queue(connections.notifications_url) as queue:
        queue.consume(seen.append, timeout_seconds=1)
    assert [(message["label"], message["version"], message["run"]) for message in seen] == [
        (DEFINITION.label, 1, RUN.run_id)
    ]
    assert seen[0]["scores"]["accuracy"] == 1.0
    assert Ledger(connections.models_db).get_run(RUN.run_id)["closed_at"] is not None


def test_a_broker_that_is_down_keeps_the_notification_for_later(connections: Connections) -> None:
    train(DEFINITION.label, RUN, connections)
    nowhere = "postgresql://pipeline@127.0.0.1:1/notifications"
    broken = Connections(connections.examples_db, connections.models_db, nowhere)

    with pytest.raises(PipelineError, match="does not answer"):
        notify(RUN.run_id, broken)

    assert notify(RUN.run_id, connections) == 1
