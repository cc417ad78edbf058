"""`pipeline aliases …`"""

from typing import Annotated, Any

import typer

from pipeline.cli.author import name_user
from pipeline.cli.connect import aliases_store, connections
from pipeline.cli.console import console
from pipeline.cli.leaderboard import name_testing_set
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, warn
from pipeline.errors import describe_error
from pipeline.stores.models.read import MARK

app = typer.Typer(help="Manage aliases: names such as champion that point at a model version.", no_args_is_help=True)

Alias = Annotated[str, typer.Argument(help="The alias, such as champion.")]
Why = Annotated[str, typer.Option(help="The reason; kept in the history.")]


def point_alias(alias: str, model: str, why: str) -> dict[str, Any]:
    """Point an alias at a model version, announce that, and return the alias."""
    moved = aliases_store().move(alias, model, name_user(), why)
    announce_moves_now()
    return moved


def announce_moves_now() -> None:
    """Announce what was moved, unless the broker does not answer soon: then say who announces it."""
    from pipeline.runs.announce import PROMPT_SECONDS, announce_moves

    known = connections()
    try:
        announce_moves(known.models_db, known.notifications_url, PROMPT_SECONDS)
    except Exception as error:  # noqa: BLE001 - the alias is moved, only the news of it is late
        warn(f"not announced yet: {describe_error(error)}")


@app.command("list")
def list_aliases(as_json: AsJson = False) -> None:
    """List every alias and where it points."""
    found = aliases_store().list_aliases()
    if as_json:
        print_json(found)
    elif not found:
        console.print("No aliases yet. Set one with `pipeline aliases set champion LABEL --why …`.")
    else:
        columns = ("alias", "label", "version", "accuracy", "testing set", "moved by", "moved at", "why")
        fields = ("alias", "label", "version", "accuracy", "testing_set", "moved_by", "moved_at", "reason")
        rows = [row | {"testing_set": name_testing_set(row["testing_set"])} for row in found]
        print_table(columns, [[row[field] for field in fields] for row in rows], fold="why")
        for row in found:
            if row["trained_again"]:
                print_line(f"{MARK}{row['alias']}: {row['label']} was trained again since the alias was moved")


@app.command("set")
def set_alias(
    alias: Alias,
    model: Annotated[str, typer.Argument(help="A label (its newest version), label@3, or another @alias.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Point an alias at a model version; creates the alias if it does not exist."""
    moved = point_alias(alias, model, why)
    if as_json:
        print_json(moved)
    else:
        print_line(f"{MARK}{alias} now points at {moved['label']} version {moved['version']}")


@app.command("history")
def show_history(
    alias: Annotated[str | None, typer.Argument(help="The alias; by default all.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the moves of an alias or of all, newest first."""
    moves = aliases_store().list_moves(alias, limit=limit)
    if as_json:
        print_json(moves)
    else:
        columns = ("moved at", "alias", "points at", "moved by", "why")
        rows = [
            (
                move["moved_at"],
                move["alias"],
                _describe_target(move),
                move["moved_by"],
                move["reason"],
            )
            for move in moves
        ]
        print_table(columns, rows, fold="why")


def _describe_target(move: dict[str, Any]) -> str:
    if not move["label"]:
        return "removed"
    return f"{move['label']}{MARK}{move['version']}{' (deleted)' if move['is_deleted'] else ''}"


@app.command("remove")
def remove_alias(alias: Alias, why: Why) -> None:
    """Remove an alias; the history of its moves stays."""
    aliases_store().remove(alias, name_user(), why)
    announce_moves_now()
    print_line(f"{MARK}{alias} removed")
