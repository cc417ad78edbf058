"""What tasks do about the ledger when people clear, mark and end them in Airflow, whose answers are stand-ins."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

from factories import make_definition, make_expansion, make_trained_model
from integration.january import load_january
from pipeline.errors import DatabaseUnavailableError
from pipeline.examples.keyring import KeyRing
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.search import UndecidedError
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import CancelledError, Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore
from pipeline_airflow import tasks

DEFINITION, OTHER = make_definition(), make_definition(sequence_length=9)


class Instance:
    """A task instance to which Airflow answers what a test says."""

    def __init__(self, task_id: str, task_states: dict[str, str | None], run_states: dict[str, str]) -> None:
        self.dag_id = "train_classifiers"
        self.task_id = task_id
        self.map_index = 0
        self.try_number, self.max_tries = 1, 3
        self.task_states, self.run_states = task_states, run_states

    def get_task_states(
        self, dag_id: str, task_ids: list[str], run_ids: list[str], map_index: int | None
    ) -> dict[str, dict[str, str | None]]:
        """Return the states that were given, under Airflow's keys."""
        assert (dag_id, run_ids) == (self.dag_id, ["run-1"])
        assert (map_index is not None) == (task_ids == ["train"])
        names = task_ids if map_index is None else [f"{name}_{map_index}" for name in task_ids]
        return {"run-1": {name: state for name, state in self.task_states.items() if name in names}}

    def xcom_pull(self, task_ids: str) -> list[str]:
        """Return what `train` is mapped over."""
        assert task_ids == "expand_plan"
        return [DEFINITION.label, OTHER.label]

    def get_dr_count(self, dag_id: str, run_ids: list[str], states: list[str]) -> int:
        """Return how many of these runs are in one of these states."""
        assert dag_id == self.dag_id
        return sum(self.run_states.get(run_id) in states for run_id in run_ids)


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    """Databases with examples, and a run of two definitions."""
    keyring = KeyRing.generate()
    load_january(examples_db, keyring)
    Ledger(models_db).open_run("run-1", {}, make_expansion(DEFINITION, OTHER))
    connections = Connections(examples_db, models_db, postgres_url)
    connections.__dict__["keyring"] = keyring
    return connections


@pytest.fixture
def ledger(connections: Connections) -> Ledger:
    return Ledger(connections.models_db)


def run_task(connections: Connections, task_id: str, *arguments: str, **overrides: Any) -> None:
    """Run a task's body with these answers from Airflow."""
    task_states = overrides.pop("task_states", {"notify": None})
    instance = Instance(task_id, task_states, overrides.pop("run_states", {}))
    instance.__dict__.update(overrides)
    context = {"ti": instance, "run_id": "run-1", "dag": instance, "task_reschedule_count": 3}
    with (
        patch.object(tasks, "get_current_context", lambda: context),
        patch.object(tasks, "airflow_connections", lambda: connections),
    ):
        getattr(tasks, task_id)(*arguments)


def states(ledger: Ledger, run_id: str = "run-1") -> list[str]:
    return [row["state"] for row in ledger.list_definitions(run_id)]


def is_announced(connections: Connections) -> list[bool]:
    return [row["published_at"] is not None for row in NotificationsStore(connections.models_db).list_notifications()]


@pytest.mark.parametrize("notify", ["success", "failed", "running", "upstream_failed", "skipped"])
def test_a_training_after_which_notify_will_not_run_closes_its_run_and_announces(
    connections: Connections, ledger: Ledger, notify: str
) -> None:
    ledger.close_run("run-1")

    run_task(connections, "train", DEFINITION.label, task_states={"notify": notify})

    assert states(ledger) == ["trained", "failed"]
    assert ledger.is_settled("run-1")
    assert is_announced(connections) == [True]


@pytest.mark.parametrize("notify", [None, "scheduled", "queued", "up_for_retry", "restarting"])
def test_a_training_leaves_to_notify_what_notify_will_do(
    connections: Connections, ledger: Ledger, notify: str | None
) -> None:
    ledger.close_run("run-1")

    run_task(connections, "train", DEFINITION.label, task_states={"notify": notify})

    assert ledger.list_open_runs() == ["run-1"]
    assert is_announced(connections) == [True]


def test_a_training_beside_others_that_go_on_leaves_the_run_to_them(connections: Connections, ledger: Ledger) -> None:
    ledger.begin_training("run-1", OTHER.label)

    run_task(connections, "train", DEFINITION.label, task_states={"notify": "success"})

    assert states(ledger) == ["trained", "training"]
    assert is_announced(connections) == [True]
    assert ledger.list_open_runs() == ["run-1"]


def test_a_training_that_fails_for_good_closes_its_run_too(connections: Connections, ledger: Ledger) -> None:
    ledger.close_run("run-1")
    nowhere = Database.from_url("examples_db", "postgresql://pipeline@127.0.0.1:1/examples")
    broken = Connections(nowhere, connections.models_db, connections.notifications_url)
    broken.__dict__["keyring"] = connections.keyring

    for number in (3, 4):
        with pytest.raises(DatabaseUnavailableError):
            run_task(broken, "train", DEFINITION.label, task_states={"notify": "success"}, try_number=number)
        assert states(ledger) == [("training", "failed")[number - 3], "failed"]

    assert ledger.is_settled("run-1")
    assert ledger.list_definitions("run-1")[0]["error"].startswith("examples_db: no connection")


def test_a_broker_that_is_down_does_not_cost_a_training_that_is_stored(
    connections: Connections, ledger: Ledger
) -> None:
    ledger.close_run("run-1")
    deaf = Connections(connections.examples_db, connections.models_db, "amqp://guest:guest@127.0.0.1:1//")
    deaf.__dict__["keyring"] = connections.keyring

    run_task(deaf, "train", DEFINITION.label, task_states={"notify": "success"})

    assert states(ledger) == ["trained", "failed"]
    assert ledger.list_open_runs() == []
    assert is_announced(connections) == [False]


def test_a_model_is_announced_as_soon_as_it_is_stored_and_by_itself(connections: Connections, ledger: Ledger) -> None:
    ModelsStore(connections.models_db).save(make_trained_model(OTHER))
    NotificationsStore(connections.models_db).insert_missing()  # of an earlier time, when the broker was down

    run_task(connections, "train", DEFINITION.label, map_index=3)

    rows = NotificationsStore(connections.models_db).list_notifications()
    announced = {row["label"]: row["published_at"] is not None for row in rows}
    assert announced == {DEFINITION.label: True, OTHER.label: False}
    assert [row["map_index"] for row in ledger.list_definitions("run-1")] == [3, None]
    run_task(connections, "notify", task_states={"finish": None})
    assert is_announced(connections) == [True, True]
    assert states(ledger) == ["trained", "trained"]


def test_nothing_that_announcing_can_raise_costs_a_training_that_is_stored(
    connections: Connections, ledger: Ledger
) -> None:
    def fail(*_: Any) -> int:
        raise RuntimeError("a broker's client of another version")

    with patch.object(NotificationsStore, "publish_each", fail):
        run_task(connections, "train", DEFINITION.label)

    assert states(ledger) == ["trained", "planned"]
    assert is_announced(connections) == [False]


@pytest.mark.parametrize(("own_state", "end"), [("running", "trained"), ("failed", "cancelled")])
def test_a_cancelled_definition_is_trained_by_an_instance_that_was_cleared_and_not_by_one_that_was_ended(
    connections: Connections, ledger: Ledger, own_state: str, end: str
) -> None:
    ledger.close_run("run-1", cancelled=True)

    try:
        run_task(connections, "train", DEFINITION.label, task_states={"train_0": own_state, "notify": "success"})
    except CancelledError:
        assert end == "cancelled"

    assert states(ledger) == [end, "cancelled"]
    assert ledger.list_open_runs() == []


@pytest.mark.parametrize(("finish", "state"), [("skipped", "cancelled"), (None, "failed")])
def test_notify_tells_a_run_that_was_ended_by_hand_by_what_comes_after_it(
    connections: Connections, ledger: Ledger, finish: str | None, state: str
) -> None:
    run_task(connections, "notify", task_states={"finish": finish})

    assert states(ledger) == [state, state]


def test_notify_closes_earlier_runs_that_ended_without_the_ledger(connections: Connections, ledger: Ledger) -> None:
    for run_id in ("ended", "goes on", "another Airflow's"):
        ledger.open_run(run_id, {}, make_expansion(DEFINITION))
    ledger.begin_training("ended", DEFINITION.label)
    ModelsStore(connections.models_db).save(make_trained_model(DEFINITION, "run-1"))

    run_task(connections, "notify", task_states={"finish": None}, run_states={"ended": "failed", "goes on": "running"})

    assert states(ledger, "ended") == ["failed"]
    assert ledger.list_open_runs() == ["goes on", "another Airflow's"]
    assert is_announced(connections) == [True]


def test_a_stopped_definition_is_skipped_and_its_run_closed_if_nobody_else_does(
    connections: Connections, ledger: Ledger
) -> None:
    ledger.close_run("run-1")
    ledger.plan("run-1", DEFINITION.label, again=False)

    def stop(label: str, *_: Any) -> None:
        ledger.stop("run-1", label, "others are better")
        raise StoppedError("others are better")

    with patch.object(tasks, "train_and_store", stop), pytest.raises(AirflowSkipException, match="others are better"):
        run_task(connections, "train", DEFINITION.label, task_states={"notify": "success"}, try_number=4)

    assert states(ledger) == ["stopped", "failed"]
    assert ledger.is_settled("run-1")


def test_an_undecided_definition_leaves_for_more_than_ten_seconds(connections: Connections, ledger: Ledger) -> None:
    """Airflow takes an instance that comes back sooner for one that has failed."""

    def wait(*_: Any) -> None:
        raise UndecidedError(DEFINITION.label)

    before = datetime.now(UTC)
    with patch.object(tasks, "train_and_store", wait), pytest.raises(AirflowRescheduleException) as raised:
        run_task(connections, "train", DEFINITION.label, try_number=4)

    assert 10 < (raised.value.reschedule_date - before).total_seconds() < 60
    assert states(ledger) == ["planned", "planned"]


@pytest.mark.parametrize(
    ("state", "end"), [("failed", "failed"), ("removed", "failed"), ("up_for_retry", "planned"), (None, "planned")]
)
def test_what_its_own_instance_alone_would_try_has_failed_as_soon_as_that_has_ended(
    connections: Connections, ledger: Ledger, state: str | None, end: str
) -> None:
    def wait(*_: Any) -> None:
        raise UndecidedError(DEFINITION.label, [OTHER.label])

    with patch.object(tasks, "train_and_store", wait), pytest.raises(AirflowRescheduleException):
        run_task(connections, "train", DEFINITION.label, task_states={"train_1": state})

    assert states(ledger) == ["planned", end]
