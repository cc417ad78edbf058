"""`pipeline runs resume`"""

from collections.abc import Collection, Iterable
from typing import Annotated, Any

import typer

from pipeline.airflow_client.api import ENDED
from pipeline.airflow_client.runs import AirflowRun
from pipeline.cli.accounts import tell_account
from pipeline.cli.cancel import settle_run
from pipeline.cli.connect import airflow_api, examples_survey, ledger
from pipeline.cli.follow import follow_to_end
from pipeline.cli.output import AsJson, print_json, print_line, print_warnings
from pipeline.errors import PipelineError
from pipeline.plans.definition import Definition
from pipeline.plans.wording import count_of

_CHANGED = (
    "{count} of this run will select other examples than it began with, and fail unless those are still prepared; "
    "to train on the examples of now, trigger the plan again"
)
_TO_TRAIN = ("planned", "training", "failed", "cancelled")


def resume_run(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that has ended: train what is neither trained nor excluded, under the same id."""
    airflow = airflow_api()
    airflow_run = AirflowRun(airflow, run_id)
    run = _find_resumable(airflow_run)
    definitions = ledger().list_definitions(run_id)
    rest = {row["label"] for row in definitions if row["state"] in _TO_TRAIN}
    url = airflow.run_url(run_id)
    if run and not rest:
        settle_run(run_id)
        if as_json:
            print_json({"run": run_id, "url": url, "definitions": 0})
        else:
            print_line(f"Nothing is left to train in run {run_id}: {tell_account(run)}")
        return
    # what was not planned, or is planned again, begins with the examples that there are
    if not as_json and airflow_run.list_labels() is not None:
        changed = _count_changed(row for row in definitions if row["label"] in rest)
        if changed:
            print_warnings([_CHANGED.format(count=count_of(changed, "definition"))])
    _start_again(airflow_run, rest)
    if not as_json:
        what = count_of(len(rest), "definition") if rest else "everything"
        print_line(f"Training {what} of run {run_id}\n{url}")
    if follow:
        follow_to_end(airflow, run_id, len(rest), as_json=as_json, but={row["label"] for row in definitions} - rest)
    elif as_json:
        print_json({"run": run_id, "url": url, "definitions": len(rest)})
    else:
        print_line(f"See how it goes: `pipeline runs show {run_id}`")


def _count_changed(rows: Iterable[dict[str, Any]]) -> int:
    """Return how many of these definitions select other examples than their run began with."""
    pinned = [(Definition.from_dict(row["definition"]).dataset, row["examples_digest"]) for row in rows]
    pinned = [(dataset, digest) for dataset, digest in pinned if digest is not None]
    datasets = {dataset.canonical: dataset for dataset, _ in pinned}
    now = dict(zip(datasets, examples_survey().digest(datasets.values()), strict=True)) if datasets else {}
    return sum(now[dataset.canonical] != digest for dataset, digest in pinned)


def _find_resumable(airflow_run: AirflowRun) -> dict[str, Any] | None:
    """Return the ledger's run, or nothing where it was ended before it came there.

    Raises:
        PipelineError: nobody knows the run, it was refused, it goes on, or Airflow has it no more.
    """
    run_id, state = airflow_run.run_id, airflow_run.find_state()
    run = ledger().find_run(run_id) if state else ledger().get_run(run_id)
    if run and run["refusal"]:
        what, next_step = "its plan was refused", "mend the plan and trigger a new run: `pipeline train PLAN`"
    elif state is None:
        what, next_step = "Airflow has it no more", 'trigger its plan again, with `"on_existing": "reuse"`'
    elif state not in ENDED and not (run and run["closed_at"]):  # a closed one only announces
        what = f"it goes on ({tell_account(run)})" if run else "it has only begun"
        next_step = f"wait for its end, or end it: `pipeline runs cancel {run_id}`"
    else:
        return run
    raise PipelineError(f"run {run_id}", what, next_step=next_step)


def _start_again(airflow_run: AirflowRun, rest: Collection[str]) -> None:
    """Clear the trainings of these labels, and what follows them, in the ledger and in Airflow."""
    store, run_id = ledger(), airflow_run.run_id
    store.plan_again(run_id)
    try:
        _clear(airflow_run, rest)
    except BaseException:  # also when somebody does not wait for it
        store.close_run(run_id, cancelled=True)
        raise


def _clear(airflow_run: AirflowRun, rest: Collection[str]) -> None:
    labels = airflow_run.list_labels()
    if labels is None:  # nothing was planned, or it was being planned again
        airflow_run.clear()
        return
    if airflow_run.is_expanded():
        # ending a run marks every instance as failed when one of them is running, those that had succeeded too
        trained = {index for index, label in enumerate(labels) if label not in rest}
        if trained.intersection(airflow_run.list_untrained()):
            airflow_run.mark_trained()
        airflow_run.clear_training([index for index, label in enumerate(labels) if label in rest])
    else:
        airflow_run.clear_training(None)
    airflow_run.start_again()
