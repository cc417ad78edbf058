"""`pipeline runs …`"""

import typer

from pipeline.cli.connect import ledger
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import AsJson, Limit, console, print_json, print_table

app = typer.Typer(help="Look at runs and the ledger of their definitions.", no_args_is_help=True)

COLUMNS = ("run_id", "definitions", "trained", "failed", "training", "planned", "created_at", "closed_at")


@app.command("list")
def list_runs(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List runs, the newest first."""
    runs = ledger().list_runs(limit)
    if as_json:
        print_json(runs)
    elif not runs:
        console.print("No runs yet: `pipeline train PLAN.json` makes one.")
    else:
        print_table(COLUMNS, [[run[column] for column in COLUMNS] for run in runs], fold="run_id")


@app.command("show")
def show_run(run_id: str, as_json: AsJson = False) -> None:
    """Show one run's leaderboard."""
    store = ledger()
    run = store.get_run(run_id)
    definitions = store.list_definitions(run_id)
    if as_json:
        print_json(run | {"ledger": definitions})
    else:
        print_leaderboard(definitions, f"run {run_id}: {run['trained']} of {run['definitions']} trained")
