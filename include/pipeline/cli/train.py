"""`pipeline train`"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.airflow_api import ENDED, AirflowApi
from pipeline.cli.connect import connections, ledger
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import AsJson, console, print_json, print_line
from pipeline.errors import DatabaseUnavailableError, DeploymentError
from pipeline.plans import expand, read_plan

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 90


def train(
    plan: Annotated[Path, typer.Argument(help="The training plan, a JSON file.")],
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a plan, train it in a run of its own, and print the leaderboard."""
    content = read_plan(plan)
    count = len(expand(content))
    airflow = AirflowApi.from_environment(connections().environ)
    run_id = airflow.trigger(content)
    url = airflow.run_url(run_id)
    if not as_json:
        print_line(f"{count} definition{'s' * (count != 1)} in run {run_id}\n{url}")
    if not follow:
        if as_json:
            print_json({"run": run_id, "url": url, "definitions": count})
        else:
            print_line(f"See how it goes: `pipeline runs show {run_id}`")
        return
    state = _follow(airflow, run_id, count, quiet=as_json)
    definitions = ledger().list_definitions(run_id)
    if as_json:
        print_json({"run": run_id, "url": url, "state": state, "definitions": definitions})
    else:
        print_leaderboard(definitions)
    if state != "success":
        if not definitions and not as_json:
            print_line(f"The run failed before anything was trained: {url} says why.")
        raise typer.Exit(1)


def _follow(airflow: AirflowApi, run_id: str, count: int, *, quiet: bool) -> str:
    """Print each definition as it ends until the run has ended; return the run's state."""
    told: set[str] = set()
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
        ended = [row for row in definitions if row["state"] in ("trained", "failed")]
        for definition in sorted(ended, key=lambda row: row["ended_at"]):
            if definition["label"] not in told:
                told.add(definition["label"])
                if not quiet:
                    _tell(definition, len(told), count)
        if state in ENDED:
            return state
        time.sleep(POLL_SECONDS)


def _tell(definition: dict[str, Any], number: int, count: int) -> None:
    if definition["state"] == "trained":
        result = f"accuracy {definition['accuracy']:.3f} in {definition['training_seconds']:.1f} s"
    else:
        result = "[red]failed[/]"
    console.print(f"  {number:>{len(str(count))}}/{count}  {definition['label']}  {result}", highlight=False)
