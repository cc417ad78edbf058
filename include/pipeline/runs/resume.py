"""Trains what a run has not trained, excluded or stopped by its search, under the same id."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.airflow_client.api import ENDED_RUN_STATES
from pipeline.airflow_client.runs import AirflowRun
from pipeline.errors import PipelineError
from pipeline.plans.definition import Definition
from pipeline.runs.account import describe_account
from pipeline.runs.connections import Connections
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.ledger import Ledger

_TO_TRAIN = ("planned", "training", "failed", "cancelled")


@dataclass(frozen=True)
class Rest:
    """What a run that has ended still has to train.

    Attributes:
        run: the run in the ledger; None if it ended before it was written there.
        rows: the definitions to train, as the ledger lists them.
        others: labels of the run's other definitions.
    """

    run: dict[str, Any] | None
    rows: list[dict[str, Any]]
    others: set[str]

    @property
    def labels(self) -> set[str]:
        """The labels of the definitions to train."""
        return {row["label"] for row in self.rows}


def find_rest(airflow_run: AirflowRun, connections: Connections) -> Rest:
    """Return what a run that has ended still has to train.

    Raises:
        PipelineError: there is no such run, its plan was refused, it is still running, or Airflow no longer has it.
    """
    ledger = Ledger(connections.models_db)
    run = _find_ended(airflow_run, ledger)
    rows = ledger.list_definitions(airflow_run.run_id)
    rest = [row for row in rows if row["state"] in _TO_TRAIN or row["budget"] == "max_minutes"]
    return Rest(run, rest, {row["label"] for row in rows} - {row["label"] for row in rest})


def count_changed(airflow_run: AirflowRun, rest: Rest, connections: Connections) -> int:
    """Return how many definitions to train select other examples than their run began with."""
    # what was not planned, or is planned again, begins with the current examples
    planned = bool(rest.rows) and airflow_run.list_labels() is not None
    return _count_changed(rest.rows, ExamplesSurvey(connections.examples_db)) if planned else 0


def resume(airflow_run: AirflowRun, labels: Collection[str], connections: Connections) -> None:
    """Clear the trainings of these labels, and the tasks after them, in the ledger and in Airflow."""
    ledger, run_id = Ledger(connections.models_db), airflow_run.run_id
    ledger.plan_again(run_id)
    try:
        _clear(airflow_run, labels)
    except BaseException:  # also if the user interrupts the command
        ledger.close_run(run_id, cancelled=True)
        raise


def _count_changed(rows: Iterable[dict[str, Any]], survey: ExamplesSurvey) -> int:
    """Return how many of these definitions select other examples than their run began with."""
    pinned = [(Definition.from_dict(row["definition"]).dataset, row["examples_digest"]) for row in rows]
    pinned = [(dataset, digest) for dataset, digest in pinned if digest is not None]
    datasets = {dataset.canonical: dataset for dataset, _ in pinned}
    now = dict(zip(datasets, survey.digest(datasets.values()), strict=True)) if datasets else {}
    return sum(now[dataset.canonical] != digest for dataset, digest in pinned)


def _find_ended(airflow_run: AirflowRun, ledger: Ledger) -> dict[str, Any] | None:
    """Return the ledger's run, or None if it ended before it was written there.

    Raises:
        PipelineError: see `find_rest`.
    """
    run_id, state = airflow_run.run_id, airflow_run.find_state()
    run = ledger.find_run(run_id) if state else ledger.get_run(run_id)
    if run and run["refusal"]:
        what, next_step = "its plan was refused", "fix the plan and trigger a new run: `pipeline train PLAN`"
    elif state is None:
        what, next_step = "Airflow no longer has it", 'trigger its plan again, with `"on_existing": "reuse"`'
    elif state not in ENDED_RUN_STATES and not (run and run["closed_at"]):  # a closed run only announces
        what = f"it is still running ({describe_account(run)})" if run else "it has only just begun"
        next_step = f"wait until it ends, or cancel it: `pipeline runs cancel {run_id}`"
    else:
        return run
    raise PipelineError(f"run {run_id}", what, next_step=next_step)


def _clear(airflow_run: AirflowRun, rest: Collection[str]) -> None:
    labels = airflow_run.list_labels()
    if labels is None:  # nothing was planned, or it was being planned again
        airflow_run.clear()
        return
    if airflow_run.is_expanded():
        # if an instance is running when a run is ended, Airflow marks all instances as failed, even successful ones
        trained = {index for index, label in enumerate(labels) if label not in rest}
        if trained.intersection(airflow_run.list_untrained()):
            airflow_run.mark_trained()
        airflow_run.clear_training([index for index, label in enumerate(labels) if label in rest])
    else:
        airflow_run.clear_training(None)
    airflow_run.start_again()
