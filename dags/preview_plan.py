"""
### Count how the datasets of a training plan split, by class

The page *New sweep* triggers it: only a worker has the keys that open examples. The configuration holds the plan's
`dataset`; what was counted is written to the models database, where the page finds it. It trains nothing.
"""

from airflow.sdk import Param, dag, task

from pipeline_airflow import tasks
from pipeline_airflow.params import list_preview_params


@dag(
    schedule=None,
    doc_md=__doc__,
    tags=["training"],
    is_paused_upon_creation=False,
    max_active_runs=4,
    default_args=tasks.RETRIES | {"retries": 1},
    params={name: Param(**arguments) for name, arguments in list_preview_params().items()},
)
def preview_plan() -> None:
    """Count classes by set."""

    # somebody waits for it, and it takes seconds: it goes before the trainings that wait for a place in the pool
    @task(pool="training", queue="training", priority_weight=1_000)
    def count_classes() -> int:
        return tasks.count_classes()

    count_classes()


preview_plan()
