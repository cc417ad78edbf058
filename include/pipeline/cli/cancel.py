"""`pipeline runs cancel`"""

import time
from typing import Annotated

import typer

from pipeline.airflow_client.api import ENDED
from pipeline.airflow_client.runs import AirflowRun
from pipeline.cli.accounts import tell_account
from pipeline.cli.connect import airflow_api, connections, ledger
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.errors import DeploymentError
from pipeline.runs.announce import notify

POLL_SECONDS = 0.5
WAIT_SECONDS = 120


def cancel_run(run_id: Annotated[str, typer.Argument(metavar="RUN")], as_json: AsJson = False) -> None:
    """End a run: what has not ended is cancelled, what is stored is announced; waits up to two minutes for that.

    A run that has ended is left as it is, and that is no error: nothing of it goes on, as was asked for. Where the
    ledger did not see it end, the run is closed there.
    """
    airflow_run = AirflowRun(airflow_api(), run_id)
    state = airflow_run.find_state()
    if state is None:
        ledger().get_run(run_id)  # names a run that nobody knows
    if state in (None, *ENDED):
        done = "closed in the ledger" if settle_run(run_id) else "has ended already: nothing to cancel"
    else:
        if not as_json:
            print_line(f"Ending run {run_id}; this takes some seconds")
        airflow_run.mark_failed()
        state, done = wait_for_end(airflow_run), "cancelled"
    run = ledger().find_run(run_id)
    if as_json:
        print_json((run or {"run_id": run_id}) | {"airflow_state": state})
    elif run is None:
        print_line(f"run {run_id} {done}; nothing of it stands in the ledger")
    else:
        print_line(f"run {run_id} {done}; {tell_account(run)}")
        if state not in (None, *ENDED):
            print_line(f"Its models are still being announced: {airflow_run.api.run_url(run_id)}")
        if done == "cancelled" and run["cancelled"]:
            print_line(f"Train the rest: `pipeline runs resume {run_id}`")


def settle_run(run_id: str) -> bool:
    """Close a run that goes on no more and announce its models; return whether there was anything to do."""
    if ledger().find_run(run_id) is None or ledger().is_settled(run_id):
        return False
    notify(run_id, connections(), cancelled=True)
    return True


def wait_for_end(airflow_run: AirflowRun) -> str:
    """Wait until a run that was ended has ended in the ledger, and a while for Airflow; return its state there."""
    run_id, deadline = airflow_run.run_id, time.monotonic() + WAIT_SECONDS
    while (state := airflow_run.find_state()) not in (None, *ENDED):
        if time.monotonic() > deadline:
            run = ledger().find_run(run_id)
            if run and run["closed_at"]:  # `notify` tries to announce what is stored
                return str(state)
            raise DeploymentError(
                run_id,
                f"Airflow has not ended it in {WAIT_SECONDS} seconds",
                next_step=f"see `pipeline status` and {airflow_run.api.run_url(run_id)}, or cancel it once more",
            )
        time.sleep(POLL_SECONDS)
    settle_run(run_id)
    if state == "success":  # so Airflow calls a run of which nothing was running
        airflow_run.mark_failed()
        state = "failed"
    return str(state)
