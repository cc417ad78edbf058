"""
### Train every classifier in a training plan

The run's configuration **is** the plan: a `dataset`, an `adapter` and a `model`, each with a name and, for every
option, a list of values to try; *Plugins*, *Options* lists their names. Each permutation is one *definition*,
trained by one `train` task instance that carries its label in the grid; its log says what was trained, on how many
examples, and how good it is.

1. `expand_plan` checks the plan and writes its definitions to the models database; its log reports everything that is
   wrong in a plan.
2. `train` fetches the examples, trains, scores and stores one definition, and announces the model on the notification
   table and queue.
3. `notify` closes the run and announces every stored model and every move of an alias that has not been announced, also
   when a definition failed.
4. `finish` does nothing: it fails when `notify` does, and the run with it.
"""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Param, dag, task, teardown

from pipeline_airflow import tasks
from pipeline_airflow.params import list_params


@dag(
    schedule=None,
    doc_md=__doc__,
    tags=["training"],
    is_paused_upon_creation=False,
    max_active_tasks=4096,  # per run; the pool is the limit
    max_active_runs=16,
    fail_fast=False,
    default_args=tasks.RETRIES,
    params={name: Param(**arguments) for name, arguments in list_params().items()},
)
def train_classifiers() -> None:
    """Expand the plan, train each definition, announce what was stored."""

    @task
    def expand_plan() -> list[str]:
        return tasks.expand_plan()

    # Its workers have the memory and the keys of the examples; one machine has one queue and ignores this value.
    # The name of an instance is made from what it is mapped over, which is known before its body runs: a template that
    # cannot be rendered afterwards would fail an instance whose work is done.
    @task(pool="training", queue="training", map_index_template="{{ task.op_kwargs['label'] }}")
    def train(label: str) -> None:
        tasks.train(label)

    @teardown  # runs after failures, and when a run is ended by hand
    @task(retries=tasks.ANNOUNCE_RETRIES, max_retry_delay=tasks.ANNOUNCE_RETRY_DELAY)
    def notify() -> None:
        tasks.notify()

    # Teardowns do not count: `train` decides the run's result, and `finish` makes a failed `notify` count too.
    train.expand(label=expand_plan()) >> notify() >> EmptyOperator(task_id="finish")


train_classifiers()
