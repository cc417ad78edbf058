"""`pipeline train`"""

import time
from typing import Annotated, Any

import typer

from pipeline.airflow_api import ENDED, AirflowApi
from pipeline.cli.connect import connections, ledger
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import AsJson, console, print_json, print_line, print_warnings
from pipeline.cli.plan import PlanFile, check
from pipeline.errors import DatabaseUnavailableError, DeploymentError
from pipeline.plans import read_plan
from pipeline.plans.wording import count_of
from pipeline.stores.ledger import ENDED as ENDED_DEFINITIONS

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 90


def train(
    plan: PlanFile,
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a plan, train it in a run of its own, and print the leaderboard."""
    content = read_plan(plan)
    expansion = check(content)
    count = len(expansion.to_train)
    airflow = AirflowApi.from_environment(connections().environ)
    run_id = airflow.trigger(content)
    url = airflow.run_url(run_id)
    if not as_json:
        print_warnings(expansion.warnings)
        duplicates = f" and {count_of(len(expansion.duplicates), 'duplicate')}" if expansion.duplicates else ""
        print_line(f"{count_of(count, 'definition')}{duplicates} in run {run_id}\n{url}")
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
        # what is reused ended before anything began
        ended = [row for row in definitions if row["state"] in ENDED_DEFINITIONS and not row["duplicate_of"]]
        for definition in sorted(ended, key=lambda row: (row["ended_at"] is not None, row["ended_at"])):
            if definition["label"] not in told:
                told.add(definition["label"])
                if not quiet:
                    _tell(definition, len(told), count)
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
    console.print(f"  {number:>{len(str(count))}}/{count}  {definition['label']}  {result}", highlight=False)
