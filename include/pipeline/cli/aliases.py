"""`pipeline aliases …`"""

import os
from getpass import getuser
from typing import Annotated

import typer

from pipeline.cli.connect import aliases_store
from pipeline.cli.console import console
from pipeline.cli.leaderboard import name_testing_set
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table
from pipeline.stores.models.aliases import MARK

app = typer.Typer(help="Names such as champion that point at a model version.", no_args_is_help=True)

Alias = Annotated[str, typer.Argument(help="The alias's name, such as champion.")]
Why = Annotated[str, typer.Option(help="Why, for whoever asks later.")]


def _name_user() -> str:
    """Return who runs this command; by number where the system has no name for them."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@app.command("list")
def list_aliases(as_json: AsJson = False) -> None:
    """List every alias and where it points."""
    found = aliases_store().list_aliases()
    if as_json:
        print_json(found)
    elif not found:
        console.print("No alias yet: `pipeline aliases set champion LABEL --why …` makes one.")
    else:
        columns = ("alias", "label", "version", "accuracy", "testing set", "moved by", "moved at", "why")
        fields = ("alias", "label", "version", "accuracy", "testing_set", "moved_by", "moved_at", "reason")
        rows = [row | {"testing_set": name_testing_set(row["testing_set"])} for row in found]
        print_table(columns, [[row[field] for field in fields] for row in rows], fold="why")
        for row in found:
            if row["trained_again"]:
                print_line(f"{MARK}{row['alias']}: {row['label']} was trained again since it was pointed there")


@app.command("set")
def set_alias(
    alias: Alias,
    model: Annotated[str, typer.Argument(help="A label, whose newest version is meant, label@3, or another @alias.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Let an alias, which need not exist, point at a model version."""
    moved = aliases_store().move(alias, model, _name_user(), why)
    if as_json:
        print_json(moved)
    else:
        print_line(f"{MARK}{alias} points at {moved['label']} version {moved['version']}")


@app.command("history")
def show_history(
    alias: Annotated[str | None, typer.Argument(help="All aliases where none is named.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List moves, the newest first."""
    moves = aliases_store().list_moves(alias, limit=limit)
    if as_json:
        print_json(moves)
    else:
        columns = ("moved at", "alias", "to", "moved by", "why")
        rows = [
            (
                move["moved_at"],
                move["alias"],
                f"{move['label']}{MARK}{move['version']}" if move["label"] else "taken away",
                move["moved_by"],
                move["reason"],
            )
            for move in moves
        ]
        print_table(columns, rows, fold="why")


@app.command("remove")
def remove_alias(alias: Alias, why: Why) -> None:
    """Take an alias away; its moves stay."""
    aliases_store().remove(alias, _name_user(), why)
    print_line(f"{MARK}{alias} points nowhere")
