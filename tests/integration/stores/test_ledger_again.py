"""The ledger of runs that go on after their end: cleared, ended by hand, planned again."""

import pytest

from factories import make_definition, make_expansion, make_trained_model
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import CancelledError, Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore


def states(ledger: Ledger, run_id: str = "run-1") -> list[str]:
    return [row["state"] for row in ledger.list_definitions(run_id)]


def test_training_again_what_was_cleared_opens_the_run_again(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))
    ledger.close_run("run-1", cancelled=True)

    ledger.begin_training("run-1", definition.label)

    assert (states(ledger), ledger.get_run("run-1")["closed_at"]) == (["training"], None)


def test_a_cancelled_definition_is_trained_only_when_it_is_wanted_again(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))
    ledger.close_run("run-1", cancelled=True)

    with pytest.raises(
        CancelledError, match=r"cancelled with its run, so it is not trained; `pipeline runs resume run-1`"
    ):
        ledger.begin_training("run-1", definition.label, again=False)

    assert states(ledger) == ["cancelled"]
    assert ledger.get_run("run-1")["closed_at"] is not None


@pytest.mark.parametrize("end", ["cancelled", "trained"])
def test_an_error_of_a_process_that_is_no_longer_asked_changes_nothing(models_db: Database, end: str) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))
    if end == "trained":
        ModelsStore(models_db).save(make_trained_model(definition))
    ledger.close_run("run-1", cancelled=True)
    before = ledger.list_definitions("run-1")

    ledger.record_error("run-1", definition.label, "killed", final=True)
    ledger.give_up("run-1", definition.label)

    assert ledger.list_definitions("run-1") == before
    assert states(ledger) == [end]


def test_a_last_try_that_failed_ends_the_definition_with_the_error_it_wrote(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))
    ledger.begin_training("run-1", definition.label)
    ledger.record_error("run-1", definition.label, "the database is down", final=False)
    assert ledger.has_unfinished("run-1")

    ledger.give_up("run-1", definition.label)

    row = ledger.list_definitions("run-1")[0]
    assert (row["state"], row["error"]) == ("failed", "the database is down")
    assert not ledger.has_unfinished("run-1")


def test_a_run_that_is_planned_again_keeps_what_was_trained_and_the_errors_of_the_rest(models_db: Database) -> None:
    ledger = Ledger(models_db)
    trained, broken, lost = (make_definition(sequence_length=length) for length in (1, 2, 3))
    ledger.open_run("run-1", {}, make_expansion(trained, broken, lost))
    ModelsStore(models_db).save(make_trained_model(trained))
    ledger.record_error("run-1", broken.label, "one class only", final=True)
    ledger.close_run("run-1", cancelled=True)
    assert ledger.list_open_runs() == []

    ledger.plan_again("run-1")

    rows = ledger.list_definitions("run-1")
    assert [row["state"] for row in rows] == ["trained", "planned", "planned"]
    assert rows[1]["error"] == "one class only"
    assert ledger.list_open_runs() == ["run-1"]


def test_a_run_is_settled_once_it_is_closed_and_all_its_models_are_announced(models_db: Database) -> None:
    ledger, definition, notifications = Ledger(models_db), make_definition(), NotificationsStore(models_db)
    ledger.open_run("run-1", {}, make_expansion(definition))
    ModelsStore(models_db).save(make_trained_model(definition))
    notifications.insert_missing()
    assert not ledger.is_settled("run-1")

    ledger.close_run("run-1")
    assert not ledger.is_settled("run-1")

    notifications.publish_each(lambda _: None)
    assert ledger.is_settled("run-1")
    assert not ledger.is_settled("nobody")
