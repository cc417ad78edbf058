"""`pipeline train`"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.airflow_api import ENDED, AirflowApi
from pipeline.cli.connect import connections, ledger
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import AsJson, console, print_json
from pipeline.plans import expand, read_plan

POLL_SECONDS = 0.5


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
        console.print(f"{count} definition{'s' * (count != 1)} in run {run_id}\n{url}", highlight=False, soft_wrap=True)
    if not follow:
        if as_json:
            print_json({"run": run_id, "url": url, "definitions": count})
        else:
            console.print(f"See how it goes: `pipeline runs show {run_id}`", highlight=False, soft_wrap=True)
        return
    state = _follow(airflow, run_id, count, quiet=as_json)
    definitions = ledger().list_definitions(run_id)
    if as_json:
        print_json({"run": run_id, "url": url, "state": state, "definitions": definitions})
    else:
        print_leaderboard(definitions)
    if state != "success":
        if not definitions and not as_json:
            console.print(f"[red]the run failed before anything was trained[/]: see {url}", soft_wrap=True)
        raise typer.Exit(1)


def _follow(airflow: AirflowApi, run_id: str, count: int, *, quiet: bool) -> str:
    """Print each definition as it ends until the run has ended; return the run's state."""
    told: set[str] = set()
    while True:
        state = airflow.get_run_state(run_id)
        ended = [row for row in ledger().list_definitions(run_id) if row["state"] in ("trained", "failed")]
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
