"""The wiring of `evaluate_models`: what the scheduler is told, which configs are refused, and what its tasks call."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_TASK_ID
from airflow.sdk.exceptions import ParamValidationError

from factories import PLAN, make_plan
from pipeline.airflow_client.api import EVALUATION_DAG_ID
from pipeline.runs.evaluation_request import KEYS
from pipeline_airflow import tasks
from pipeline_airflow.evaluation_params import list_evaluation_params

DAG = Path(__file__).parents[2] / f"dags/{EVALUATION_DAG_ID}.py"
MODELS = {"models": ["@champion"]}
NOW = datetime(2016, 3, 1, tzinfo=UTC)


@pytest.fixture
def dag() -> Any:
    bag = DagBag(str(DAG))
    assert bag.import_errors == {}
    return bag.dags[EVALUATION_DAG_ID]


def test_each_model_is_an_instance_with_its_name_where_the_keys_are(dag: Any) -> None:
    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "pin_models": ["evaluate"],
        "evaluate": [],
    }
    evaluate = dag.get_task("evaluate")
    assert (evaluate.is_mapped, evaluate.pool, evaluate.queue) == (True, "training", "training")
    (name,) = re.findall(r"op_kwargs\['(\w+)'\]", evaluate.partial_kwargs["map_index_template"])
    assert name in evaluate.op_kwargs_expand_input.value
    assert evaluate.retries == 3


@pytest.mark.parametrize(
    "conf",
    [
        MODELS,
        MODELS | {"collection": "news", "from": "2016-1-1", "to": "2016-02-01T09:30+02:00"},
        MODELS | {"dataset": PLAN["dataset"]},
        MODELS | {"dataset": {}, "collection": None, "from": None, "to": None},
    ],
)
def test_the_params_take_what_may_be_asked_for(dag: Any, conf: dict[str, Any]) -> None:
    dag.params.update(conf)

    dag.params.validate()


@pytest.mark.parametrize(
    "conf",
    [
        {},
        {"models": []},
        {"models": [3]},
        MODELS | {"from": "yesterday"},
        MODELS | {"dataset": {"name": "SpanDatset"}},
        MODELS | {"dataset": make_plan(dataset__options__training_ratio=[1])["dataset"]},
    ],
)
def test_the_params_refuse_what_a_schema_can_say(dag: Any, conf: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError):  # noqa: PT012 - either may be what refuses
        dag.params.update(conf)
        dag.params.validate()


def test_a_task_is_spared_the_forms_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {*list_evaluation_params()} == {*KEYS}
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_TASK_ID, "evaluate")
    assert list_evaluation_params() == {}


def test_tasks_pass_on_the_moment_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    databases = SimpleNamespace(models_db=SimpleNamespace(kept_open=lambda: memoryview(b"")))
    run = SimpleNamespace(conf=MODELS, run_after=NOW, run_id="a run")
    monkeypatch.setattr(tasks, "airflow_connections", lambda: databases)
    monkeypatch.setattr(tasks, "get_current_context", lambda: {"dag_run": run})

    def pin(*arguments: Any) -> list[str]:
        asked.append(arguments)
        return ["a@1"]

    monkeypatch.setattr(tasks, "pin", pin)
    monkeypatch.setattr(tasks, "evaluate_and_store", lambda *arguments: asked.append(arguments))

    assert tasks.pin_models() == ["a@1"]
    tasks.evaluate("a@1")

    assert asked == [(MODELS, NOW, databases), ("a@1", "a run", MODELS, NOW, databases)]
