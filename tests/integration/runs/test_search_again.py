"""A search that goes on after its run has ended: what is resumed or cleared, on real databases."""

import pytest

from integration.runs.searching import (
    count_states,
    count_trials,
    die_in_trial,
    make_connections,
    make_search_plan,
    open_search,
    work,
)
from pipeline.plans import expand
from pipeline.runs.announce import notify
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import CancelledError, Ledger
from pipeline.stores.models.trials import Trial, Trials, list_trials
from pipeline.training.lineage import TaskRun


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    return make_connections(examples_db, models_db, postgres_url)


def test_a_cancelled_run_tries_nothing(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    notify("run-1", connections, cancelled=True)

    with pytest.raises(CancelledError):
        train(labels[0], TaskRun("run-1"), connections, lambda: False)

    assert count_trials(connections) == {}
    assert count_states(connections) == {"cancelled": 12}


def test_a_cancelled_run_is_resumed_where_it_was(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    with pytest.raises(StoppedError):
        train(labels[0], TaskRun("run-1"), connections)
    tried = list_trials(connections.models_db, "run-1")
    notify("run-1", connections, cancelled=True)

    Ledger(connections.models_db).plan_again("run-1")
    work("run-1", labels, connections)

    assert count_states(connections) == {"stopped": 11, "trained": 1}
    assert list_trials(connections.models_db, "run-1") == tried


def test_one_of_a_cancelled_run_that_is_cleared_tries_the_others_and_ends_as_it_would_have(
    connections: Connections,
) -> None:
    plan = make_search_plan()
    stopped = work("whole", open_search(connections, "whole", plan), connections)
    labels = open_search(connections, "run-1", plan)
    best = next(label for label in labels if label not in stopped)
    trials = Trials(connections.models_db, "run-1", best)
    worst = next(label for label in labels if "rung 1" in stopped.get(label, ""))
    for _ in range(2):
        die_in_trial(trials, Trial(worst, 0))  # nobody but its own instance, which does not come, would try it again
    notify("run-1", connections, cancelled=True)

    assert work("run-1", [best], connections) == {}

    assert count_states(connections) == {"cancelled": 11, "trained": 1}
    assert count_trials(connections) == {0: 11, 1: 4}


def test_a_stopped_definition_that_is_cleared_stays_stopped(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    stopped = work("run-1", labels, connections)
    notify("run-1", connections)

    assert work("run-1", [*stopped], connections) == stopped
    assert count_states(connections) == {"stopped": 11, "trained": 1}


def test_a_trained_definition_that_is_cleared_is_trained_again(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    stopped = work("run-1", labels, connections)
    notify("run-1", connections)
    (trained,) = {*labels} - {*stopped}

    assert train(trained, TaskRun("run-1"), connections) == 1
    assert count_states(connections) == {"stopped": 11, "trained": 1}


def test_a_trial_that_ended_with_its_run_does_not_matter_to_a_definition_that_is_stopped(
    connections: Connections,
) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    stopped = work("run-1", labels, connections)
    worst = next(label for label, reason in stopped.items() if "rung 1" in reason)
    die_in_trial(Trials(connections.models_db, "run-1", worst), Trial(worst, 1))

    assert work("run-1", [worst], connections) == {worst: stopped[worst]}


def test_what_a_search_trained_on_examples_that_changed_is_planned_and_tried_again(connections: Connections) -> None:
    plan = make_search_plan()
    labels = open_search(connections, "run-1", plan)
    stopped = work("run-1", labels, connections)
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE definitions SET examples_digest = 'of before'")

    open_search(connections, "run-1", plan)

    assert count_states(connections) == {"planned": 12}
    assert work("run-1", labels, connections) == stopped


def test_what_has_taken_part_in_a_search_is_not_replaced_by_a_stored_model(connections: Connections) -> None:
    plan = make_search_plan()
    labels = open_search(connections, "run-1", plan)
    stopped = work("run-1", labels, connections)
    one = next(iter(stopped))
    work("other", open_search(connections, "other", plan | {"search": None}), connections)
    with connections.models_db.connection() as connection:
        query = "SELECT model_id FROM models WHERE label = %s"
        ((stored,),) = connection.execute(query, [one]).fetchall()

    Ledger(connections.models_db).open_run("run-1", plan, expand(plan).reuse({one: stored}))

    assert count_states(connections) == {"planned": 11, "trained": 1}
    assert work("run-1", labels, connections) == stopped


def test_examples_that_changed_are_tried_anew(connections: Connections) -> None:
    plan = make_search_plan()
    labels = open_search(connections, "run-1", plan)
    work("run-1", labels, connections)
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE definitions SET examples_digest = 'of before' WHERE label = %s", [labels[0]])

    open_search(connections, "run-1", plan)

    assert {row["label"] for row in list_trials(connections.models_db, "run-1")} == {*labels} - {labels[0]}
