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
