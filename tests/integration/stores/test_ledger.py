"""The ledger on a real PostgreSQL."""

from typing import Any

import psycopg
import pytest

from factories import PLAN, make_definition, make_expansion, make_plan, make_trained_model
from pipeline.errors import PipelineError
from pipeline.plans import expand
from pipeline.plans.expansion import Exclusion
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from pipeline.stores.models.store import ModelsStore


def states(ledger: Ledger, run_id: str = "run-1") -> list[str]:
    return [row["state"] for row in ledger.list_definitions(run_id)]


def add_up(run: dict[str, Any]) -> int:
    return sum(run[state] for state in (*FINAL_STATES, "planned", "training"))


def test_opening_a_run_writes_every_definition_as_planned(models_db: Database) -> None:
    expansion = expand(PLAN)

    labels = Ledger(models_db).open_run("run-1", PLAN, expansion)

    rows = Ledger(models_db).list_definitions("run-1")
    assert [row["label"] for row in rows] == labels == [definition.label for definition in expansion.definitions]
    assert {row["state"] for row in rows} == {"planned"}
    assert rows[0]["definition"]["adapter"]["options"]["sequence_length"] == 50


def test_opening_a_run_twice_changes_nothing(models_db: Database) -> None:
    ledger, expansion = Ledger(models_db), expand(PLAN)
    labels = ledger.open_run("run-1", PLAN, expansion)
    ledger.begin_training("run-1", labels[0])

    assert ledger.open_run("run-1", PLAN, expansion) == labels
    assert states(ledger) == ["training", "planned", "planned", "planned"]


def test_a_definition_goes_from_planned_through_training_to_trained(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))

    assert ledger.begin_training("run-1", definition.label) == (definition.to_dict(), 0, "json", "accuracy", None, None)
    assert states(ledger) == ["training"]

    ModelsStore(models_db).save(make_trained_model(definition))
    assert states(ledger) == ["trained"]


def test_duplicates_and_exclusions_are_counted_and_duplicates_have_the_scores_of_their_original(
    models_db: Database,
) -> None:
    ledger = Ledger(models_db)
    plan = make_plan(adapter__options__sequence_length=[50, 50, 100, 200], model__options__degree=[3, 4]) | {
        "collapse_inert": True,
        "seed": 7,
        "exclude": [{"adapter.options.sequence_length": 200}, {"model.options.degree": 9}],
    }
    expansion = expand(plan)

    labels = ledger.open_run("run-1", plan, expansion)

    assert states(ledger) == ["planned", "duplicate", "planned", "duplicate"]
    assert labels == [definition.label for definition in expansion.to_train]
    assert ledger.begin_training("run-1", labels[0]).seed == 7
    ModelsStore(models_db).save(make_trained_model(expansion.to_train[0]))
    original, duplicate, *_ = ledger.list_definitions("run-1")
    assert (duplicate["duplicate_of"], duplicate["accuracy"]) == (original["label"], original["accuracy"])
    run = ledger.get_run("run-1")
    assert (run["permutations"], run["definitions"]) == (8, 4)
    assert (run["trained"], run["planned"], run["duplicate"], run["excluded"]) == (1, 1, 4, 2)
    assert add_up(run) == 8
    assert ledger.list_exclusions("run-1") == [
        {"rule": {"adapter.options.sequence_length": 200}, "permutations": 2},
        {"rule": {"model.options.degree": 9}, "permutations": 0},
    ]


def test_a_reused_definition_is_not_trained_and_has_the_scores_of_the_stored_model(models_db: Database) -> None:
    ledger, models, definition, other = Ledger(models_db), ModelsStore(models_db), make_definition(), PLAN_DEFINITION
    ledger.open_run("run-1", {}, make_expansion(definition))
    models.save(make_trained_model(definition, lineage={"seed": 0, "examples": {"digest": "d"}}))
    stored = models.find_stored({definition.label: "d"}, seed=0)

    labels = ledger.open_run("run-2", {}, make_expansion(definition, other, reused=stored))

    row = ledger.list_definitions("run-2")[0]
    assert labels == [other.label]
    assert (row["state"], row["accuracy"], row["version"]) == ("reused", 0.9, 1)
    assert add_up(ledger.get_run("run-2")) == 2


PLAN_DEFINITION = expand(PLAN).definitions[0]


@pytest.mark.parametrize(
    ("digest", "seed", "found"), [("d", 0, True), ("e", 0, False), ("d", 1, False)], ids=["same", "examples", "seed"]
)
def test_a_model_is_known_again_by_label_examples_and_seed(
    models_db: Database, digest: str, seed: int, found: bool
) -> None:
    models, definition = ModelsStore(models_db), make_definition()
    Ledger(models_db).open_run("run-1", {}, make_expansion(definition))
    models.save(make_trained_model(definition, lineage={"seed": 0, "examples": {"digest": "d"}}))

    assert bool(models.find_stored({definition.label: digest, PLAN_DEFINITION.label: "d"}, seed)) == found


def test_an_error_that_another_try_may_mend_leaves_the_definition_in_training(models_db: Database) -> None:
    ledger, definition = Ledger(models_db), make_definition()
    ledger.open_run("run-1", {}, make_expansion(definition))
    ledger.begin_training("run-1", definition.label)

    ledger.record_error("run-1", definition.label, "the database is down", final=False)

    row = ledger.list_definitions("run-1")[0]
    assert (row["state"], row["error"]) == ("training", "the database is down")


@pytest.mark.parametrize(("cancelled", "state"), [(False, "failed"), (True, "cancelled")])
def test_closing_a_run_ends_what_has_not_ended_and_keeps_the_reason(
    models_db: Database, cancelled: bool, state: str
) -> None:
    ledger = Ledger(models_db)
    trained, broken, lost, waiting = (make_definition(sequence_length=length) for length in (1, 2, 3, 4))
    ledger.open_run("run-1", {}, make_expansion(trained, broken, lost, waiting))
    ModelsStore(models_db).save(make_trained_model(trained))
    ledger.record_error("run-1", broken.label, "one class only", final=True)
    ledger.begin_training("run-1", lost.label)

    ledger.close_run("run-1", cancelled=cancelled)

    rows = ledger.list_definitions("run-1")
    assert [row["state"] for row in rows] == ["trained", "failed", state, state]
    assert rows[1]["error"] == "one class only"
    assert ("by hand" if cancelled else "its task ended without a result") in rows[2]["error"]
    run = ledger.get_run("run-1")
    assert run["closed_at"] is not None
    assert add_up(run) - run["planned"] - run["training"] == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET permutations = permutations + 1",
        "UPDATE runs SET repeated = 1",
        "UPDATE runs SET closed_at = now()",
        "DELETE FROM definitions",
        "UPDATE definitions SET state = 'trained'",
        "INSERT INTO definitions (run_id, label, position, definition) VALUES ('run-1', 'another', 1, '{}')",
        "INSERT INTO definitions (run_id, label, position, definition, state) "
        "VALUES ('run-1', 'another', 1, '{}', 'failed')",
        "UPDATE exclusions SET permutations = 9",
        "DELETE FROM exclusions",
        "UPDATE definitions SET state = 'duplicate'",
        "UPDATE definitions SET state = 'reused'",
        "UPDATE definitions SET state = 'lost'",
        "UPDATE definitions SET state = 'failed'; UPDATE runs SET closed_at = now(); COMMIT; "
        "UPDATE definitions SET state = 'training'",
        "INSERT INTO exclusions VALUES ('run-1', 1, '{}', 1)",
    ],
)
def test_the_database_refuses_a_ledger_that_does_not_add_up(models_db: Database, statement: str) -> None:
    excluded = Exclusion({"model.options.degree": 4}, 1)
    expansion = make_expansion(make_definition(), permutations=2, exclusions=[excluded])
    Ledger(models_db).open_run("run-1", {}, expansion)

    with pytest.raises(psycopg.errors.IntegrityError), models_db.connection() as connection:
        connection.execute(statement)


def test_a_refused_run_has_its_reason_and_nothing_else(models_db: Database) -> None:
    ledger = Ledger(models_db)

    ledger.refuse_run("run-1", "model: missing.")

    (run,) = ledger.list_runs()
    assert (run["refusal"], run["permutations"], run["definitions"]) == ("model: missing.", 0, 0)
    assert run["closed_at"] is not None


def test_a_run_that_was_refused_may_be_opened_later_but_not_the_other_way(models_db: Database) -> None:
    ledger = Ledger(models_db)
    ledger.refuse_run("run-1", "collection 'default' holds no examples")

    ledger.open_run("run-1", PLAN, expand(PLAN))
    ledger.refuse_run("run-1", "collection 'default' holds no examples")

    run = ledger.get_run("run-1")
    assert (run["refusal"], run["failed"], run["closed_at"]) == (None, 4, None)
    assert {row["error"] for row in ledger.list_definitions("run-1")} == {"collection 'default' holds no examples"}


def test_more_permutations_than_any_integer_holds_are_counted(models_db: Database) -> None:
    ledger, definition, most = Ledger(models_db), make_definition(), 10**30
    rest = Exclusion({"sample": 1}, most - 1)

    ledger.open_run("run-1", {}, make_expansion(definition, permutations=most, exclusions=[rest]))

    run = ledger.get_run("run-1")
    assert (run["permutations"], run["excluded"], add_up(run)) == (most, most - 1, most)


def test_a_definition_that_the_ledger_does_not_hold_is_refused(models_db: Database) -> None:
    with pytest.raises(PipelineError, match="not in the ledger of run run-1"):
        Ledger(models_db).begin_training("run-1", "word2vec-svm-000000000000")


def test_an_unknown_run_is_named(models_db: Database) -> None:
    with pytest.raises(PipelineError, match="there is no run 'nine'"):
        Ledger(models_db).get_run("nine")


def test_a_run_id_that_stands_for_another_plan_is_refused(models_db: Database) -> None:
    ledger, other = Ledger(models_db), make_plan(model__options__degree=[5])
    ledger.open_run("run-1", PLAN, expand(PLAN))

    with pytest.raises(PipelineError, match="the ledger holds 'run-1' with other definitions"):
        ledger.open_run("run-1", other, expand(other))

    assert len(ledger.list_definitions("run-1")) == 4
    with models_db.connection() as connection:
        assert connection.execute("SELECT plan FROM runs").fetchone() == (PLAN,)
