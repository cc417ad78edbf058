"""The wiring of `train_classifiers`: what the scheduler is told, without running it."""

import re
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import RetryAction
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_TASK_ID
from airflow.sdk.exceptions import ParamValidationError

from factories import PLAN, make_plan
from pipeline.errors import DatabaseUnavailableError, TrainingError
from pipeline.plans import Finding, PlanError
from pipeline_airflow.params import list_params
from pipeline_airflow.tasks import RETRIES

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def dag() -> Any:
    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(path.stem for path in DAGS.glob("*.py"))
    return bag.dags["train_classifiers"]


def test_the_tasks_follow_each_other(dag: Any) -> None:
    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "expand_plan": ["train"],
        "train": ["notify"],
        "notify": ["finish"],
        "finish": [],
    }


def test_training_is_mapped_over_labels_in_its_own_pool(dag: Any) -> None:
    train = dag.get_task("train")

    assert train.is_mapped
    assert train.pool == "training"
    assert "label" in train.partial_kwargs["map_index_template"]


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (PlanError([Finding("model", "missing")]), RetryAction.FAIL),
        (TrainingError("SpanDataset", "one class only"), RetryAction.FAIL),
        (DatabaseUnavailableError("models_db", "no connection"), RetryAction.DEFAULT),
        (MemoryError(), RetryAction.DEFAULT),
    ],
)
def test_only_what_can_pass_is_tried_again(error: Exception, action: RetryAction) -> None:
    policy = RETRIES["retry_policy"]

    assert policy.evaluate(error, 1, 3).action is action  # type: ignore[attr-defined]


def test_the_params_take_a_plan_as_it_is(dag: Any) -> None:
    dag.params.update(PLAN)
    dag.params.validate()


@pytest.mark.parametrize(
    ("section", "plan"),
    [
        ("model", make_plan(model__options__kernel=["rfb"])),
        ("adapter", make_plan(adapter__options__sequence_length=[])),
        ("dataset", make_plan(dataset__options__training_ratio=[1])),
    ],
)
def test_the_params_refuse_what_a_schema_can_say(dag: Any, section: str, plan: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.update({section: plan[section]})


def test_a_task_is_spared_the_forms_schemas(dag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    form = list_params()

    for task_id in dag.task_ids:
        monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_TASK_ID, task_id)
        assert list_params() == {}
    assert all("type" in arguments or "anyOf" in arguments for arguments in form.values())


def test_a_section_has_an_example_and_no_default() -> None:
    form = list_params()

    assert all("default" not in form[section] and form[section]["examples"] for section in PLAN)


def test_the_names_in_the_template_of_an_instances_name_are_arguments_that_are_mapped(dag: Any) -> None:
    train = dag.get_task("train")

    (name,) = re.findall(r"op_kwargs\['(\w+)'\]", train.partial_kwargs["map_index_template"])
    assert name in train.op_kwargs_expand_input.value
