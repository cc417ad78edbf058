"""The ledger on a real PostgreSQL."""

import pytest

from factories import PLAN, make_definition, make_plan, make_trained_model
from pipeline.errors import PipelineError
from pipeline.plans import expand
from pipeline.plans.open_run import open_run
from pipeline.stores.database import Database
from pipeline.stores.ledger import Ledger
from pipeline.stores.models import ModelsStore


def states(ledger: Ledger, run_id: str = "run-1") -> list[str]:
    return [row["state"] for row in ledger.list_definitions(run_id)]


def test_opening_a_run_writes_every_definition_as_planned(models_db: Database) -> None:
    labels = open_run("run-1", PLAN, models_db)

    rows = Ledger(models_db).list_definitions("run-1")
    assert [row["label"] for row in rows] == labels == [definition.label for definition in expand(PLAN)]
    assert {row["state"] for row in rows} == {"planned"}
    assert rows[0]["definition"]["adapter"]["options"]["sequence_length"] == 50


def test_a_broken_plan_leaves_nothing_behind(models_db: Database) -> None:
    with pytest.raises(PipelineError):
        open_run("run-1", PLAN | {"modell": {}}, models_db)

    assert Ledger(models_db).list_runs() == []


def test_opening_a_run_twice_changes_nothing(models_db: Database) -> None:
    ledger = Ledger(models_db)
    labels = open_run("run-1", PLAN, models_db)
    ledger.begin_training("run-1", labels[0])

    assert open_run("run-1", PLAN, models_db) == labels
    assert states(ledger) == ["training", "planned", "planned", "planned"]


def test_a_definition_goes_from_planned_through_training_to_trained(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, 1, [definition])

    assert ledger.begin_training("run-1", definition.label) == definition.to_dict()
    assert states(ledger) == ["training"]

    ModelsStore(models_db).save(make_trained_model(definition))
    assert states(ledger) == ["trained"]


def test_an_error_that_another_try_may_mend_leaves_the_definition_in_training(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, 1, [definition])
    ledger.begin_training("run-1", definition.label)

    ledger.record_error("run-1", definition.label, "the database is down", final=False)

    row = ledger.list_definitions("run-1")[0]
    assert (row["state"], row["error"]) == ("training", "the database is down")


def test_closing_a_run_fails_what_has_not_ended_and_keeps_the_reason(models_db: Database) -> None:
    ledger = Ledger(models_db)
    trained, broken, lost = (make_definition(sequence_length=length) for length in (1, 2, 3))
    ledger.open_run("run-1", {}, 3, [trained, broken, lost])
    ModelsStore(models_db).save(make_trained_model(trained))
    ledger.record_error("run-1", broken.label, "one class only", final=True)

    ledger.close_run("run-1")

    rows = ledger.list_definitions("run-1")
    assert [row["state"] for row in rows] == ["trained", "failed", "failed"]
    assert rows[1]["error"] == "one class only"
    assert "its task ended without a result" in rows[2]["error"]
    run = ledger.get_run("run-1")
    assert run["closed_at"] is not None
    assert run["planned"] + run["training"] + run["trained"] + run["failed"] == run["definitions"] == 3


def test_a_definition_that_the_ledger_does_not_hold_is_refused(models_db: Database) -> None:
    with pytest.raises(PipelineError, match="not in the ledger of run run-1"):
        Ledger(models_db).begin_training("run-1", "word2vec-svm-000000000000")


def test_an_unknown_run_is_named(models_db: Database) -> None:
    with pytest.raises(PipelineError, match="there is no run 'nine'"):
        Ledger(models_db).get_run("nine")


def test_a_run_id_that_stands_for_another_plan_is_refused(models_db: Database) -> None:
    open_run("run-1", PLAN, models_db)

    with pytest.raises(PipelineError, match="the ledger holds 'run-1' with other definitions"):
        open_run("run-1", make_plan(model__options__degree=[5]), models_db)

    assert len(Ledger(models_db).list_definitions("run-1")) == 4
    with models_db.connection() as connection:
        assert connection.execute("SELECT plan FROM runs").fetchone() == (PLAN,)
