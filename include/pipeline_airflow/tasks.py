"""What the tasks of `train_classifiers` do: take the context from Airflow, hand it to the product."""

import logging
from datetime import timedelta

from airflow.sdk import Context, ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from airflow.sdk.configuration import conf

from pipeline.errors import PipelineError, RetryableError
from pipeline.notifications.announce import notify as announce
from pipeline.plans.open_run import open_run
from pipeline.training.lineage import TaskRun
from pipeline.training.train import train as train_and_store
from pipeline_airflow.connections import airflow_connections

# A definition's log says what matters; gensim writes a line for every epoch, and Airflow's own setting for this
# ([logging] namespace_levels) does not reach loggers of the standard library.
logging.getLogger("gensim").setLevel(logging.WARNING)

RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    # what cannot pass by itself fails at once; everything else, a lost worker included, is tried again
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(exception=RetryableError, action=RetryAction.DEFAULT, reason="may pass by itself"),
            RetryRule(exception=PipelineError, action=RetryAction.FAIL, reason="another try cannot mend this"),
        ]
    ),
}


def expand_plan() -> list[str]:
    """Write the run and its definitions to the ledger and return their labels."""
    context = get_current_context()
    dag_run = context["dag_run"]
    # the config as it was given, so that a key that no Param knows is seen; without one, the form's defaults
    plan = dag_run.conf or dict(context["params"])
    most = conf.getint("core", "max_map_length")
    return open_run(dag_run.run_id, plan, airflow_connections(), most)


def train(label: str) -> None:
    """Train, score and store one definition; the grid shows its label."""
    context = get_current_context()
    context["label"] = label  # type: ignore[typeddict-unknown-key]  # read by `map_index_template`
    task = TaskRun(run_id=context["run_id"], try_number=context["ti"].try_number)
    train_and_store(label, task, airflow_connections())


def notify() -> None:
    """Close the run in the ledger and announce every stored model that has not been announced."""
    context = get_current_context()
    announce(context["run_id"], airflow_connections(), cancelled=_ended_by_hand(context))


def _ended_by_hand(context: Context) -> bool:
    """Return whether somebody marked the run as failed or successful while it went on.

    Airflow then skips what has not begun and runs the teardown; nothing else skips `finish`, which comes after it.
    """
    run_id = context["run_id"]
    states = context["ti"].get_task_states(context["dag"].dag_id, task_ids=["finish"], run_ids=[run_id])
    return bool(states.get(run_id, {}).get("finish") == "skipped")
