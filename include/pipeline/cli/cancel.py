"""`pipeline runs cancel`"""

from typing import Annotated

import typer

from pipeline.airflow_client.api import ENDED_RUN_STATES
from pipeline.airflow_client.runs import AirflowRun
from pipeline.cli.connect import airflow_api, connections, ledger
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.runs.account import describe_account
from pipeline.runs.cancel import cancel, settle


def cancel_run(run_id: Annotated[str, typer.Argument(metavar="RUN")], as_json: AsJson = False) -> None:
    """End a run: cancel what has not ended and announce what is stored; wait up to two minutes for that.

    A run that has already ended is left as it is; that is not an error. If it is still open in the ledger, it is
    closed there.
    """
    airflow_run = AirflowRun(airflow_api(), run_id)
    state = airflow_run.find_state()
    if state is None:
        ledger().get_run(run_id)  # reports an unknown run
    if state in (None, *ENDED_RUN_STATES):
        done = "closed in the ledger" if settle(run_id, connections()) else "has ended already: nothing to cancel"
    else:
        if not as_json:
            print_line(f"Ending run {run_id}; this takes some seconds")
        state, done = cancel(airflow_run, connections()), "cancelled"
    run = ledger().find_run(run_id)
    if as_json:
        print_json((run or {"run_id": run_id}) | {"airflow_state": state})
    elif run is None:
        print_line(f"run {run_id} {done}; the ledger has no record of it")
    else:
        print_line(f"run {run_id} {done}; {describe_account(run)}")
        if state not in (None, *ENDED_RUN_STATES):
            print_line(f"Its models are still being announced: {airflow_run.api.run_url(run_id)}")
        if done == "cancelled" and run["cancelled"]:
            print_line(f"Train the rest: `pipeline runs resume {run_id}`")
