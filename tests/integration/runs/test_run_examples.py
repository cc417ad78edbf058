"""A run compares models on the examples that it began with, whatever is loaded meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from factories import make_plan
from integration.january import load_january
from pipeline.errors import ExamplesChangedError
from pipeline.examples.keyring import KeyRing
from pipeline.runs.connections import Connections
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

PLAN = make_plan(
    dataset__options__end_datetime_str="2016-2-1",
    adapter={"name": "TfidfAdapter", "options": {}},
    model={"name": "scikit_model_logistic_regression", "options": {"C": [1, 10]}},
)


@pytest.fixture
def keyring() -> KeyRing:
    return KeyRing.generate()


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str, keyring: KeyRing) -> Connections:
    """Databases with forty examples of January 2016, and no store of prepared examples."""
    load_january(examples_db, keyring)
    return Connections(examples_db, models_db, postgres_url, {"PIPELINE_EXAMPLES_KEYS": keyring.to_text()})


def train_all(run_id: str, labels: list[str], connections: Connections) -> None:
    for index, label in enumerate(labels):
        train(label, TaskRun(run_id, map_index=index), connections)


def list_rows(run_id: str, connections: Connections) -> list[dict[str, Any]]:
    return Ledger(connections.models_db).list_definitions(run_id)


def test_a_definition_that_finds_other_examples_than_its_run_began_with_fails_and_says_what_to_do(
    connections: Connections, keyring: KeyRing
) -> None:
    first, second = open_run("run-1", PLAN, connections)
    train(first, TaskRun("run-1"), connections)
    load_january(connections.examples_db, keyring, count=60)

    with pytest.raises(ExamplesChangedError, match="trigger the plan again, or clear `expand_plan`"):
        train(second, TaskRun("run-1"), connections)

    rows = list_rows("run-1", connections)
    assert [row["state"] for row in rows] == ["trained", "failed"]
    assert "selects other examples now than when the run began" in rows[1]["error"]


def test_examples_that_are_too_few_now_are_told_as_changed_ones(connections: Connections) -> None:
    (first, _) = open_run("run-1", PLAN, connections)
    with connections.examples_db.connection() as connection:
        connection.execute("DELETE FROM examples")

    with pytest.raises(ExamplesChangedError):
        train(first, TaskRun("run-1"), connections)


def test_examples_outside_of_the_span_change_nothing(connections: Connections, keyring: KeyRing) -> None:
    labels = open_run("run-1", PLAN | {"dataset": make_plan()["dataset"]}, connections)
    load_january(connections.examples_db, keyring, count=60)  # what is new is of the second of January and later

    train_all("run-1", labels, connections)

    assert {row["state"] for row in list_rows("run-1", connections)} == {"trained"}


def test_a_run_goes_on_with_what_it_began_with_where_that_is_kept(
    connections: Connections, keyring: KeyRing, tmp_path: Path
) -> None:
    environ = {**connections.environ, "PIPELINE_PREPARED_STORE": f"file://{tmp_path}"}
    sharing = Connections(connections.examples_db, connections.models_db, connections.notifications_url, environ)
    first, second = open_run("run-1", PLAN, sharing)
    train(first, TaskRun("run-1"), sharing)
    load_january(sharing.examples_db, keyring, count=60)

    train(second, TaskRun("run-1"), sharing)

    models = [ModelsStore(sharing.models_db).get_model(label) for label in (first, second)]
    assert [model["lineage"]["examples"]["training"]["count"] for model in models] == [32, 32]
    assert models[0]["testing_set"] == models[1]["testing_set"]


def test_a_run_that_is_expanded_again_begins_with_the_examples_that_there_are_then(
    connections: Connections, keyring: KeyRing
) -> None:
    train_all("run-1", open_run("run-1", PLAN, connections), connections)
    before = {row["testing_set"]["digest"] for row in list_rows("run-1", connections)}
    load_january(connections.examples_db, keyring, count=60)

    train_all("run-1", open_run("run-1", PLAN, connections), connections)

    after = {row["testing_set"]["digest"] for row in list_rows("run-1", connections)}
    assert (len(before), len(after), len(before | after)) == (1, 1, 2)


def test_a_model_that_was_reused_is_judged_anew_when_its_run_is_expanded_again(
    connections: Connections, keyring: KeyRing
) -> None:
    plan = PLAN | {"on_existing": "reuse"}
    train_all("run-1", open_run("run-1", plan, connections), connections)
    assert open_run("run-2", plan, connections) == []
    assert [row["state"] for row in list_rows("run-2", connections)] == ["reused", "reused"]
    Ledger(connections.models_db).close_run("run-2")
    assert open_run("run-2", plan, connections) == []  # nothing has changed

    load_january(connections.examples_db, keyring, count=60)
    labels = open_run("run-2", plan, connections)

    assert len(labels) == 2
    assert [row["state"] for row in list_rows("run-2", connections)] == ["planned", "planned"]
    train_all("run-2", labels, connections)
    rows = list_rows("run-2", connections)
    assert [(row["state"], row["model_run_id"]) for row in rows] == [("trained", "run-2")] * 2
    assert len({row["testing_set"]["digest"] for row in rows + list_rows("run-1", connections)}) == 2


def test_duplicates_are_judged_anew_too(connections: Connections, keyring: KeyRing) -> None:
    plan = PLAN | {
        "model": {"name": "scikit_model_svm", "options": {"kernel": "linear", "degree": [3, 4, 5]}},
        "collapse_inert": True,
        "on_existing": "reuse",
    }
    train_all("run-1", open_run("run-1", plan, connections), connections)
    assert open_run("run-2", plan, connections) == []
    load_january(connections.examples_db, keyring, count=60)

    labels = open_run("run-2", plan, connections)

    rows = list_rows("run-2", connections)
    assert [row["state"] for row in rows] == ["planned", "duplicate", "duplicate"]
    assert labels == [rows[0]["label"]]
    train_all("run-2", labels, connections)
    Ledger(connections.models_db).close_run("run-2")
    assert {row["model_run_id"] for row in list_rows("run-2", connections)} == {"run-2"}
