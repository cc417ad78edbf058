"""
### Prune what is old

Deletes models and runs that are older than `PIPELINE_KEEP_DAYS`, except what aliases point at, the best of each
testing set and the latest of each recipe; messages that nobody has consumed for that long; and on one machine Airflow's
own rows and logs of that age. It runs every night if that variable is set. Triggered by hand, it only says in its log
what it would delete, unless `delete` is true. `pipeline prune` does the same on the command line.
"""

from airflow.sdk import Param, dag, task

from pipeline_airflow import pruning


@dag(
    schedule=pruning.find_schedule(),
    catchup=False,
    doc_md=__doc__,
    tags=["maintenance"],
    is_paused_upon_creation=False,
    max_active_runs=1,
    params={name: Param(**arguments) for name, arguments in pruning.list_params().items()},
)
def prune() -> None:
    """Delete what the policy lets go."""

    @task(task_id="prune")
    def prune_all() -> dict[str, int]:
        return pruning.prune()

    prune_all()


prune()
