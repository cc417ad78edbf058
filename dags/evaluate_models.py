"""
### Score stored models on any testing set

`pipeline evaluate` triggers it. The run's configuration names the models and the examples: those of a span, or the
testing set of a dataset as in a training plan. Nothing is trained, and no model is changed.

1. `pin_models` checks the configuration, and finds out what aliases and labels without a version mean now.
2. `evaluate` loads one model, lets it answer every example, and stores its scores; its log says what they are. What a
   model may have been trained on, and classes that it does not know, are marked.

A span without an end ends at the moment of the run. A run stores one evaluation of each model, however often it tries.
"""

from airflow.sdk import Param, dag, task

from pipeline_airflow import tasks
from pipeline_airflow.evaluation_params import list_evaluation_params


@dag(
    schedule=None,
    doc_md=__doc__,
    tags=["training"],
    is_paused_upon_creation=False,
    max_active_tasks=4096,  # per run; the pool is the limit
    max_active_runs=16,
    default_args=tasks.RETRIES,
    params={name: Param(**arguments) for name, arguments in list_evaluation_params().items()},
)
def evaluate_models() -> None:
    """Find the models, score each."""

    @task
    def pin_models() -> list[str]:
        return tasks.pin_models()

    # its workers have the memory and the keys of the examples, as those of `train`
    @task(pool="training", queue="training", map_index_template="{{ task.op_kwargs['model'] }}")
    def evaluate(model: str) -> None:
        tasks.evaluate(model)

    evaluate.expand(model=pin_models())


evaluate_models()
