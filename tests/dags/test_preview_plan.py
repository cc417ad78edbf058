"""The wiring of `preview_plan`: what the scheduler is told, which configs are refused, and what its task calls."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_TASK_ID
from airflow.sdk.exceptions import ParamValidationError

from factories import PLAN, make_plan
from pipeline.airflow_client.api import PREVIEW_DAG_ID
from pipeline_airflow import tasks
from pipeline_airflow.params import list_preview_params

DAG = Path(__file__).parents[2] / f"dags/{PREVIEW_DAG_ID}.py"


@pytest.fixture(scope="module")
def dag() -> Any:
    bag = DagBag(str(DAG))
    assert bag.import_errors == {}
    return bag.dags[PREVIEW_DAG_ID]


def test_its_only_task_runs_where_the_keys_are_and_before_trainings_that_wait(dag: Any) -> None:
    [task] = dag.tasks

    assert (task.task_id, task.pool, task.queue) == ("count_classes", "training", "training")
    assert task.priority_weight > 1


def test_it_takes_the_dataset_of_a_plan(dag: Any) -> None:
    for section in (PLAN["dataset"], [PLAN["dataset"], PLAN["dataset"]]):
        dag.params.update({"dataset": section})
        dag.params.validate()


@pytest.mark.parametrize(
    "section",
    [
        None,
        [],
        {"name": "SpanDatset"},
        make_plan(dataset__options__training_ratio=[1])["dataset"],
        PLAN["model"],
    ],
)
def test_it_refuses_what_a_plan_may_not_have(dag: Any, section: Any) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.update({"dataset": section})


def test_its_task_counts_the_dataset_of_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    databases = SimpleNamespace(models_db=SimpleNamespace(kept_open=lambda: memoryview(b"")))
    monkeypatch.setattr(tasks, "airflow_connections", lambda: databases)

    def count(*arguments: Any) -> int:
        asked.append(arguments)
        return 1

    monkeypatch.setattr(tasks, "count_and_store", count)
    for conf in ({"dataset": PLAN["dataset"]}, None):
        monkeypatch.setattr(tasks, "get_current_context", lambda conf=conf: {"dag_run": SimpleNamespace(conf=conf)})
        assert tasks.count_classes() == 1

    assert asked == [(PLAN["dataset"], databases), (None, databases)]


def test_its_task_is_spared_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [*list_preview_params()] == ["dataset"]
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_TASK_ID, "count_classes")
    assert list_preview_params() == {}
