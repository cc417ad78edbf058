"""A training that ends while its run is being ended by hand: one of the two wins, whole."""

import copy
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from factories import make_definition, make_expansion, make_trained_model
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import CancelledError, Ledger, queries
from pipeline.stores.models.store import ModelsStore

DEFINITION = make_definition()
CANCEL = {"run_id": "run-1", "state": "cancelled", "error": "the run was ended by hand"}


@pytest.fixture
def ledger(models_db: Database) -> Ledger:
    """A ledger in which the only definition of a run is being trained."""
    ledger = Ledger(models_db)
    ledger.open_run("run-1", {}, make_expansion(DEFINITION))
    ledger.begin_training("run-1", DEFINITION.label)
    return ledger


def state(ledger: Ledger, run_id: str = "run-1") -> str:
    (row,) = ledger.list_definitions(run_id)
    return str(row["state"])


def wait_until_somebody_waits(database: Database) -> None:
    """Return once a connection to the database waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while True:
        with database.connection() as connection:
            if connection.execute(waiting).fetchone() != (0,):
                return


def test_a_model_of_a_cancelled_definition_is_not_stored(ledger: Ledger) -> None:
    ledger.close_run("run-1", cancelled=True)

    with pytest.raises(
        CancelledError, match=r"so its model is not stored; `pipeline runs resume run-1` trains it again"
    ):
        ModelsStore(ledger.database).save(make_trained_model(DEFINITION))

    assert state(ledger) == "cancelled"
    assert ModelsStore(ledger.database).list_models() == []
    with ledger.database.connection() as connection:
        assert connection.execute("SELECT FROM adapter_documents").fetchall() == []


def test_a_model_of_a_definition_that_was_taken_for_failed_is_stored(ledger: Ledger) -> None:
    ledger.close_run("run-1")

    ModelsStore(ledger.database).save(make_trained_model(DEFINITION))

    assert state(ledger) == "trained"


def test_what_was_cancelled_and_cleared_is_stored(ledger: Ledger) -> None:
    ledger.close_run("run-1", cancelled=True)
    ledger.begin_training("run-1", DEFINITION.label)

    ModelsStore(ledger.database).save(make_trained_model(DEFINITION))

    assert state(ledger) == "trained"


def test_a_model_that_comes_while_its_run_is_being_ended_waits_for_that_and_is_not_stored(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as pool:
        with ledger.database.connection() as ending:
            ending.execute(queries.close_run, CANCEL)
            saved = pool.submit(ModelsStore(ledger.database).save, make_trained_model(DEFINITION))
            wait_until_somebody_waits(ledger.database)

        with pytest.raises(CancelledError):
            saved.result(30)

    assert state(ledger) == "cancelled"
    assert ModelsStore(ledger.database).list_models() == []


def test_of_a_model_and_the_end_of_its_run_that_come_together_one_wins(ledger: Ledger) -> None:
    runs, together = [f"twin-{number}" for number in range(20)], Barrier(2)
    for run_id in runs:
        ledger.open_run(run_id, {}, make_expansion(DEFINITION))
        ledger.begin_training(run_id, DEFINITION.label)

    def save(run_id: str) -> str:
        together.wait(30)
        try:
            ModelsStore(ledger.database).save(make_trained_model(DEFINITION, run_id))
        except CancelledError:
            return "cancelled"
        return "trained"

    def end(run_id: str) -> None:
        together.wait(30)
        ledger.close_run(run_id, cancelled=True)

    with ThreadPoolExecutor(2) as pool:
        for run_id in runs:
            said, ended = pool.submit(save, run_id), pool.submit(end, run_id)
            ended.result(60)
            assert state(ledger, run_id) == said.result(60)

    stored = {model["run_id"] for model in ModelsStore(ledger.database).list_models()}
    assert stored == {run_id for run_id in runs if state(ledger, run_id) == "trained"}


def test_the_error_can_be_copied_as_a_process_pool_does() -> None:
    error = CancelledError("run-1", "a label", "it is not trained")

    assert str(copy.copy(error)) == str(error)
