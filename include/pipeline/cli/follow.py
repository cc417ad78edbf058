"""Watch a run to its end."""

import time
from collections.abc import Collection
from typing import Any

import typer

from pipeline.airflow_api import ENDED, AirflowApi
from pipeline.cli.connect import ledger
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import console, print_json, print_line
from pipeline.errors import DatabaseUnavailableError, DeploymentError
from pipeline.stores.ledger import ENDED as ENDED_DEFINITIONS

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 90


def follow_to_end(airflow: AirflowApi, run_id: str, count: int, *, as_json: bool, but: Collection[str] = ()) -> None:
    """Print each definition as it ends, and the leaderboard when the run has.

    Args:
        count: how many definitions there are to wait for; 0 where nobody knows yet.
        but: labels that ended before anybody began to wait.

    Raises:
        typer.Exit: the run ended otherwise than well.
    """
    state = _follow(airflow, run_id, count, but, quiet=as_json)
    definitions, url = ledger().list_definitions(run_id), airflow.run_url(run_id)
    if as_json:
        print_json({"run": run_id, "url": url, "state": state, "definitions": definitions})
    else:
        print_leaderboard(definitions)
    if state != "success":
        if not definitions and not as_json:
            print_line(f"The run failed before anything was trained: {url} says why.")
        raise typer.Exit(1)


def _follow(airflow: AirflowApi, run_id: str, count: int, but: Collection[str], *, quiet: bool) -> str:
    """Print each definition as it ends until the run has ended; return the run's state."""
    told = set(but)
    last_answer = time.monotonic()
    while True:
        try:
            state = airflow.get_run_state(run_id)
            definitions = ledger().list_definitions(run_id)
            last_answer = time.monotonic()
        except (DeploymentError, DatabaseUnavailableError) as error:
            # a server that was restarted answers again soon; the run itself goes on without us
            if time.monotonic() - last_answer > PATIENCE_SECONDS:
                error.next_step = f"the run goes on: `pipeline runs show {run_id}` shows it; {error.next_step}"
                raise
            time.sleep(POLL_SECONDS)
            continue
        # what is reused ended before anything began
        ended = [row for row in definitions if row["state"] in ENDED_DEFINITIONS and not row["duplicate_of"]]
        for definition in sorted(ended, key=lambda row: (row["ended_at"] is not None, row["ended_at"])):
            if definition["label"] not in told:
                told.add(definition["label"])
                if not quiet:
                    _tell(definition, len(told) - len(but), count)
        if state in ENDED:
            return state
        time.sleep(POLL_SECONDS)


def _tell(definition: dict[str, Any], number: int, count: int) -> None:
    match definition["state"]:
        case "trained":
            result = f"accuracy {definition['accuracy']:.3f} in {definition['training_seconds']:.1f} s"
        case "reused":
            result = f"accuracy {definition['accuracy']:.3f}, reused version {definition['version']}"
        case state:
            result = f"[red]{state}[/]"
    console.print(
        f"  {number:>{len(str(count))}}{f'/{count}' if count else ''}  {definition['label']}  {result}", highlight=False
    )
