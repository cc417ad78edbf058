"""Ends a run: what has not ended is cancelled, and what is stored is announced."""

import time

from pipeline.airflow_client.api import ENDED_RUN_STATES
from pipeline.airflow_client.runs import AirflowRun
from pipeline.errors import DeploymentError
from pipeline.runs.announce import notify
from pipeline.runs.connections import Connections
from pipeline.stores.models.ledger import Ledger

POLL_SECONDS = 0.5
WAIT_SECONDS = 120


def cancel(airflow_run: AirflowRun, connections: Connections) -> str:
    """End a running run, and wait up to two minutes until it has ended.

    Returns:
        Its state in Airflow, which is none of the `ENDED_RUN_STATES` if only its models are still being announced.

    Raises:
        DeploymentError: Airflow has not ended it in time.
    """
    airflow_run.mark_failed()
    run_id, ledger = airflow_run.run_id, Ledger(connections.models_db)
    deadline = time.monotonic() + WAIT_SECONDS
    while (state := airflow_run.find_state()) not in (None, *ENDED_RUN_STATES):
        if time.monotonic() > deadline:
            run = ledger.find_run(run_id)
            if run and run["closed_at"]:  # `notify` tries to announce what is stored
                return str(state)
            raise DeploymentError(
                run_id,
                f"Airflow has not ended it in {WAIT_SECONDS} seconds",
                next_step=f"see `pipeline status` and {airflow_run.api.run_url(run_id)}, or cancel it again",
            )
        time.sleep(POLL_SECONDS)
    settle(run_id, connections)
    if state == "success":  # Airflow sets this state if nothing of the run was running
        airflow_run.mark_failed()
        state = "failed"
    return str(state)


def settle(run_id: str, connections: Connections) -> bool:
    """Close a run that has ended and announce its models; return whether there was anything to do."""
    ledger = Ledger(connections.models_db)
    if ledger.find_run(run_id) is None or ledger.is_settled(run_id):
        return False
    notify(run_id, connections, cancelled=True)
    return True
