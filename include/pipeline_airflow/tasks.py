"""The tasks of the DAGs: they take the context from Airflow and call `pipeline.runs`."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from airflow.sdk import Context, ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowRuntimeError, AirflowSkipException

from pipeline.airflow_client.api import ENDED_RUN_STATES
from pipeline.errors import PipelineError, RetryableError
from pipeline.runs.announce import announce_model
from pipeline.runs.announce import notify as announce
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.count_classes import count_classes as count_and_store
from pipeline.runs.evaluate import evaluate as evaluate_and_store
from pipeline.runs.evaluate import pin_models as pin
from pipeline.runs.open import open_run
from pipeline.runs.search import UndecidedError
from pipeline.runs.train import train as train_and_store
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun
from pipeline_airflow.connections import airflow_connections
from pipeline_airflow.plain_log import write_values_plainly

log = logging.getLogger(__name__)

_ENDED = ("success", "failed", "skipped", "upstream_failed", "removed")
# In any other state, `notify` will still run and announce what is stored by then.
_BEGUN = ("running", *_ENDED)

# A definition's log should show what matters, but gensim writes a line for every epoch, and Airflow's own setting for
# this ([logging] namespace_levels) does not affect loggers of the standard library.
logging.getLogger("gensim").setLevel(logging.WARNING)

RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    # errors that cannot go away by themselves fail at once; everything else is retried, including a lost worker
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(exception=RetryableError, action=RetryAction.DEFAULT, reason="may pass by itself"),
            RetryRule(exception=PipelineError, action=RetryAction.FAIL, reason="another try cannot fix this"),
        ]
    ),
}

# For a broker that is down for up to two hours: what is stored is announced when it is back.
ANNOUNCE_RETRIES = 120
ANNOUNCE_RETRY_DELAY = timedelta(minutes=1)


def expand_plan() -> list[str]:
    """Write the run and its definitions to the ledger and return their labels."""
    write_values_plainly()
    dag_run = get_current_context()["dag_run"]
    most = conf.getint("core", "max_map_length")
    # the config as it was given, so that keys without a Param are checked too
    # `now` in a plan is when its run was triggered, which stays the same when the run is cleared
    return open_run(dag_run.run_id, dag_run.conf or {}, airflow_connections(), most, dag_run.run_after)


def count_classes() -> int:
    """Count how the datasets of a plan split, by class, and return how many were counted."""
    write_values_plainly()
    connections = airflow_connections()
    with connections.models_db.kept_open():
        return count_and_store((get_current_context()["dag_run"].conf or {}).get("dataset"), connections)


def pin_models() -> list[str]:
    """Return the models that the config means at the moment of the run, as `label@3`."""
    write_values_plainly()
    dag_run = get_current_context()["dag_run"]
    pinned = pin(dag_run.conf or {}, dag_run.run_after, airflow_connections())
    log.info("%s models to evaluate on examples up to %s", len(pinned), dag_run.run_after.isoformat())
    return pinned


def evaluate(model: str) -> None:
    """Score one stored model and store that."""
    write_values_plainly()
    dag_run, connections = get_current_context()["dag_run"], airflow_connections()
    with connections.models_db.kept_open():
        # the moment of the run, which is the same for every model and every try
        evaluate_and_store(model, dag_run.run_id, dag_run.conf or {}, dag_run.run_after, connections)


def train(label: str) -> None:
    """Train, score and store one definition."""
    write_values_plainly()
    context = get_current_context()
    instance, run_id, connections = context["ti"], context["run_id"], airflow_connections()
    task = TaskRun(run_id=run_id, try_number=instance.try_number, map_index=instance.map_index)
    with connections.models_db.kept_open():
        try:
            train_and_store(label, task, connections, lambda: _state_of(context, "train", task.map_index) == "running")
            announce_model(run_id, label, connections)
        except StoppedError as reason:
            raise AirflowSkipException(str(reason)) from None
        except UndecidedError as reason:
            _give_up_ended(context, reason.left, Ledger(connections.models_db))
            log.info("%s: this instance leaves, and comes back", reason)
            raise AirflowRescheduleException(_when_to_ask_again(context)) from None  # type: ignore[no-untyped-call]
        except Exception:
            if instance.try_number > instance.max_tries:
                Ledger(connections.models_db).give_up(run_id, label)
            raise
        finally:
            _notify_if_nobody_will(context, connections)


def _give_up_ended(context: Context, left: Sequence[str], ledger: Ledger) -> None:
    """Mark those definitions as failed whose instances have ended without a result: killed each time, or by hand."""
    mapped = context["ti"].xcom_pull(task_ids="expand_plan") if left else []
    for label in left:
        if _state_of(context, "train", mapped.index(label)) in _ENDED:
            log.warning("%s has failed: its own instance has ended, and nobody else tries it any more", label)
            ledger.give_up(context["run_id"], label)


def _when_to_ask_again(context: Context) -> datetime:
    """Return when an instance comes back that waits for others; meanwhile it has no slot, no memory, no connection.

    Airflow takes an instance that comes back earlier than in ten seconds for one that has failed.
    """
    visits: int = context["task_reschedule_count"]
    return datetime.now(UTC) + timedelta(seconds=min(10 + 5 * visits, 60))


def notify() -> None:
    """Close the run in the ledger and announce every stored model that has not been announced."""
    write_values_plainly()
    context = get_current_context()
    connections = airflow_connections()
    _close_forgotten_runs(context, connections)
    # only ending a run by hand skips `finish`, which comes after this
    announce(context["run_id"], connections, cancelled=_state_of(context, "finish") == "skipped")


def _notify_if_nobody_will(context: Context, connections: Connections) -> None:
    """Do the work of `notify` if it will not run again: trainings can be cleared without the tasks that follow them.

    The last training of a run does it, after it has recorded its own end. If two end together, one or both do it; doing
    it twice is harmless.
    """
    run_id = context["run_id"]
    try:
        if not Ledger(connections.models_db).has_unfinished(run_id) and _state_of(context, "notify") in _BEGUN:
            announce(run_id, connections)
    except (PipelineError, AirflowRuntimeError) as error:
        # the training has its own result; the next `notify` announces what is stored
        log.warning("not announced yet: %s", error)


def _close_forgotten_runs(context: Context, connections: Connections) -> None:
    """Close runs that have ended in Airflow but not in the ledger: the last training was killed, or marked by hand."""
    ledger = Ledger(connections.models_db)
    for run_id in ledger.list_open_runs():
        # a run that this Airflow does not know may belong to another one
        if context["ti"].get_dr_count(context["dag"].dag_id, run_ids=[run_id], states=[*ENDED_RUN_STATES]):
            ledger.close_run(run_id)


def _state_of(context: Context, task_id: str, map_index: int | None = None) -> str | None:
    """Return the state of a task in this run; of a mapped one, of this instance."""
    run_id, dag_id = context["run_id"], context["dag"].dag_id
    states = context["ti"].get_task_states(dag_id, task_ids=[task_id], run_ids=[run_id], map_index=map_index)
    return next(iter(states.get(run_id, {}).values()), None)
