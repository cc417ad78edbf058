"""What a run ends as when one of its tasks fails; Airflow itself decides, the tasks' bodies are stand-ins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from factories import PLAN
from pipeline.errors import PipelineError
from pipeline_airflow import tasks

DAGS = Path(__file__).parents[2] / "dags"

pytestmark = pytest.mark.usefixtures("metadata_database")


def succeed(*_: Any) -> None:
    """Stand in for a task's body that does its work."""


def fail(*_: Any) -> None:
    """Stand in for a task's body that cannot."""
    raise PipelineError("here", "it cannot be done")


def fail_second(label: str) -> None:
    """Stand in for a training that one definition of two does not survive."""
    if label == "second":
        fail()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("bodies", "state", "task_states"),
    [
        ({}, "success", {"expand_plan": "success", "train": "success", "notify": "success", "finish": "success"}),
        ({"expand_plan": list}, "success", {"train": "skipped", "notify": "success", "finish": "success"}),
        ({"expand_plan": fail}, "failed", {"train": "upstream_failed", "notify": "success", "finish": "success"}),
        ({"train": fail_second}, "failed", {"train": "failed", "notify": "success", "finish": "success"}),
        ({"notify": fail}, "failed", {"train": "success", "notify": "failed", "finish": "upstream_failed"}),
    ],
    ids=["all good", "all reused", "bad plan", "one definition", "no broker"],
)
def test_a_run_is_green_only_when_everything_is_and_notify_always_runs(
    monkeypatch: pytest.MonkeyPatch,
    bodies: dict[str, Callable[..., Any]],
    state: str,
    task_states: dict[str, str],
) -> None:
    monkeypatch.setattr(tasks, "expand_plan", lambda: ["first", "second"])
    monkeypatch.setattr(tasks, "train", succeed)
    monkeypatch.setattr(tasks, "notify", succeed)
    for name, body in bodies.items():
        monkeypatch.setattr(tasks, name, body)

    run = DagBag(str(DAGS)).dags["train_classifiers"].test(run_conf=PLAN)

    found = {
        instance.task_id: str(instance.state)
        for instance in sorted(run.get_task_instances(), key=lambda instance: instance.map_index)
    }
    assert str(run.state) == state
    assert found | task_states == found


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning")
def test_an_instance_has_its_label_for_a_name_even_where_its_body_never_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "expand_plan", lambda: ["first", "second"])
    monkeypatch.setattr(tasks, "train", fail_second)
    monkeypatch.setattr(tasks, "notify", succeed)
    dag = DagBag(str(DAGS)).dags["train_classifiers"]
    for task in dag.tasks:
        task.retries = 0

    run = dag.test(run_conf=PLAN)

    instances = [each for each in run.get_task_instances() if each.task_id == "train"]
    assert sorted((each.rendered_map_index, each.state) for each in instances) == [
        ("first", "success"),
        ("second", "failed"),
    ]
