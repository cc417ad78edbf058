"""The log that a definition leads to is that of the task instance that trained it."""

from typing import Any

import pytest

from factories import make_plan
from integration.january import load_january
from pipeline.examples.keyring import KeyRing
from pipeline.runs.connections import Connections
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.leaderboard import Filter, Leaderboard
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

# Three adapters of two models each: each adapter is trained early, so the order of training is not the plan's.
PLAN = make_plan(
    dataset__options__end_datetime_str="2016-2-1",
    adapter={"name": "WordFrequencyAdapter", "options": {"sequence_length": [4, 6, 8], "vocabulary_size": 50}},
    model={"name": "scikit_model_svm", "options": {"kernel": ["linear", "rbf"], "degree": [3, 4]}},
) | {"collapse_inert": True}


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    keyring = KeyRing.generate()
    load_january(examples_db, keyring)
    return Connections(examples_db, models_db, postgres_url, {"PIPELINE_EXAMPLES_KEYS": keyring.to_text()})


def train_as_airflow_does(run_id: str, plan: Any, connections: Connections) -> list[str]:
    """Expand a plan and train each label in the instance that Airflow makes of its place in the list."""
    labels = open_run(run_id, plan, connections)
    for index, label in enumerate(labels):
        train(label, TaskRun(run_id, map_index=index), connections)
    Ledger(connections.models_db).close_run(run_id)
    return labels


def list_map_indexes(run_id: str, connections: Connections) -> dict[str, int | None]:
    """Return each definition's map index by its label, which the ledger, the leaderboard and the model all tell."""
    database = connections.models_db
    ledger = {row["label"]: row["map_index"] for row in Ledger(database).list_definitions(run_id)}
    board = {row["label"]: row["map_index"] for row in Leaderboard(database).list_definitions(Filter([run_id]))}
    assert board == ledger
    return ledger


def test_models_lead_to_the_instance_that_trained_them_in_whatever_order(connections: Connections) -> None:
    labels = train_as_airflow_does("run-1", PLAN, connections)

    rows = Ledger(connections.models_db).list_definitions("run-1")
    trained = [row["label"] for row in rows if row["state"] == "trained"]
    assert sorted(labels) == sorted(trained)
    assert labels != trained  # another order than the plan's, or this test shows nothing
    indexes = list_map_indexes("run-1", connections)
    for index, label in enumerate(labels):
        assert indexes[label] == index
        assert ModelsStore(connections.models_db).get_model(label)["map_index"] == index
    duplicates = {row["label"]: row["duplicate_of"] for row in rows if row["state"] == "duplicate"}
    assert len(duplicates) == 6
    for duplicate, original in duplicates.items():
        assert indexes[duplicate] == indexes[original]


def test_what_is_reused_leads_to_the_instance_of_the_run_that_trained_it(connections: Connections) -> None:
    fewer = PLAN | {"adapter": {**PLAN["adapter"], "options": {"sequence_length": [8, 4], "vocabulary_size": 50}}}
    first = train_as_airflow_does("run-1", fewer, connections)

    second = train_as_airflow_does("run-2", PLAN | {"on_existing": "reuse"}, connections)

    rows = Ledger(connections.models_db).list_definitions("run-2")
    assert {row["state"] for row in rows} == {"reused", "trained", "duplicate"}
    for row in rows:
        model_label = row["model_label"]
        own, labels = (row["model_run_id"] == "run-2", second if row["model_run_id"] == "run-2" else first)
        assert row["map_index"] == labels.index(model_label), (row["state"], own)


def test_an_instance_that_was_cleared_and_one_that_was_expanded_anew_say_their_own_number(
    connections: Connections,
) -> None:
    labels = train_as_airflow_does("run-1", PLAN, connections)
    train(labels[2], TaskRun("run-1", try_number=2, map_index=2), connections)  # cleared
    assert list_map_indexes("run-1", connections)[labels[2]] == 2

    again = open_run("run-1", PLAN, connections)
    assert set(list_map_indexes("run-1", connections).values()) == {None}  # no instance has begun
    for index, label in enumerate(reversed(again)):  # whatever order a later version trains in
        train(label, TaskRun("run-1", map_index=index), connections)

    indexes = list_map_indexes("run-1", connections)
    assert [indexes[label] for label in reversed(again)] == list(range(len(again)))
