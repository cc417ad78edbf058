"""`pipeline models delete | retire | bring-back | deleted`."""

from typing import Annotated, Any

import typer

from pipeline.cli.aliases import announce_moves_now
from pipeline.cli.author import make_author
from pipeline.cli.connect import removal_store
from pipeline.cli.console import console, errors
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table
from pipeline.plans.wording import count_of
from pipeline.stores.models.read import MARK

Models = Annotated[
    list[str], typer.Argument(metavar="MODEL…", help="label@3 for version 3, @alias, or a label with one version.")
]
Why = Annotated[str, typer.Option(help="The reason; kept with the model's name.")]


def delete(
    models: Models,
    why: Why,
    and_aliases: Annotated[bool, typer.Option("--and-aliases", help="Also remove aliases that point at them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete models, with their documents, answers and notifications; only their names are left."""
    author, store = make_author(why), removal_store()
    named = store.name(models)
    if named and not yes:
        typer.confirm(f"Delete {', '.join(named)}? Nothing brings them back.", abort=True)
    deleted = store.delete(models, author, with_aliases=and_aliases)
    with errors.status("writing the tables anew …"):
        store.rewrite()
    if and_aliases:
        announce_moves_now()
    if as_json:
        print_json(deleted)
        return
    if not deleted:
        print_line("They were deleted before. The tables are written anew.")
    for each in deleted:
        print_line(f"{each['label']}{MARK}{each['version']} of run {each['run_id']} deleted")


def retire(models: Models, why: Why, as_json: AsJson = False) -> None:
    """Retire models: they stay stored, but no list, leaderboard, alias or reuse takes them any more."""
    _report("retired", removal_store().retire(models, make_author(why)), as_json)


def bring_back(models: Models, as_json: AsJson = False) -> None:
    """Bring retired models back."""
    _report("in use again", removal_store().bring_back(models), as_json)


def deleted(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the models that were deleted, by whom and why, the last first."""
    found = removal_store().list_deleted(limit)
    if as_json:
        print_json(found)
    elif not found:
        console.print("No model was ever deleted.")
    else:
        columns = ("when", "who", "model", "run", "why")
        rows = [
            (each["deleted_at"], each["deleted_by"], f"{each['label']}{MARK}{each['version']}", each["run_id"],
             each["reason"])
            for each in found
        ]  # fmt: skip
        print_table(columns, rows, fold="why")


def print_models(models: list[dict[str, Any]], what: str) -> None:
    """Print models by name, and what they have in common."""
    print_line(f"{count_of(len(models), 'model')} {what}:")
    for each in models:
        pointing = "".join(f", {MARK}{alias} points at it" for alias in each["aliases"])
        print_line(f"  {each['label']}{MARK}{each['version']} of run {each['run_id']}{pointing}")


def _report(what: str, models: list[tuple[str, int]], as_json: bool) -> None:
    if as_json:
        print_json([{"label": label, "version": version} for label, version in models])
        return
    for label, version in models:
        print_line(f"{label}{MARK}{version} is {what}")
