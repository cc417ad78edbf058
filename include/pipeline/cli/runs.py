"""`pipeline runs …`"""

from collections import Counter
from typing import Annotated, Any

import typer

from pipeline.cli.called import describe_run, print_called
from pipeline.cli.cancel import cancel_run
from pipeline.cli.connect import ledger
from pipeline.cli.console import console
from pipeline.cli.exclusions import print_exclusions
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import AsJson, AsPlot, Limit, check_one_form, print_json, print_line, print_table
from pipeline.cli.resume import resume_run
from pipeline.plans.naming import CALLED
from pipeline.runs.account import describe_account
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from pipeline.stores.models.trials import list_trials

app = typer.Typer(help="List, show, describe, cancel and resume runs.", no_args_is_help=True)

app.command("describe")(describe_run)
app.command("cancel")(cancel_run)
app.command("resume")(resume_run)

COLUMNS = ("run_id", "name", "state", "tags", "permutations", *FINAL_STATES, "created_at", "closed_at")


@app.command("list")
def list_runs(
    limit: Limit = 50,
    tag: Annotated[str | None, typer.Option(help="Only runs with this tag.")] = None,
    find: Annotated[str | None, typer.Option(metavar="TEXT", help="Only runs whose id, name or note has it.")] = None,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first, with the number of permutations in each state."""
    runs = ledger().list_runs(limit, tag=tag, text=find)
    if as_json:
        print_json(runs)
    elif not runs and (tag or find):
        console.print("No such run.")
    elif not runs:
        console.print("No runs yet. Start one with `pipeline train PLAN.json`.")
    else:
        rows = [run | {"state": _state(run), "tags": ", ".join(run["tags"]) or None} for run in runs]
        columns = [each for each in COLUMNS if each not in ("name", "tags") or any(row[each] for row in rows)]
        print_table(columns, [[row[column] for column in columns] for row in rows], fold="run_id")


@app.command("show")
def show_run(run_id: str, as_json: AsJson = False, plot: AsPlot = False) -> None:
    """Show a run's leaderboard and what was not trained."""
    check_one_form(as_json, plot)
    store = ledger()
    run = store.get_run(run_id)
    if plot and not run["refusal"]:
        _draw_run(store, run)
        return
    definitions = store.list_definitions(run_id)
    exclusions = store.list_exclusions(run_id)
    trials = list_trials(store.database, run_id)
    if as_json:
        print_json(run | {"ledger": definitions, "exclusions": exclusions, "trials": trials})
        return
    if any(run[each] for each in CALLED):
        print_called(run_id, run)
    if run["refusal"]:
        print_line(f"run {run_id}: refused\n{run['refusal']}")
    else:
        print_leaderboard(definitions, f"run {run_id}: {describe_account(run)}")
        print_exclusions(exclusions)
        tried = Counter(trial["rung"] for trial in trials if trial["score"] is not None)
        if tried:
            print_line("search: " + ", ".join(f"{tried[rung]:,} tried in rung {rung + 1}" for rung in sorted(tried)))
        if any(row["budget"] == "max_minutes" for row in definitions) and run["closed_at"]:
            print_line(f"Train what ran out of minutes: `pipeline runs resume {run_id}`")


def _draw_run(store: Ledger, run: dict[str, Any]) -> None:
    from pipeline.cli.pictures.run import print_run

    if any(run[each] for each in CALLED):
        print_called(run["run_id"], run)
    print_line(f"run {run['run_id']}: {describe_account(run)}")
    print_run(store.database, run["run_id"])


def _state(run: dict[str, Any]) -> str:
    if run["refusal"]:
        return "refused"
    return "closed" if run["closed_at"] else "open"
