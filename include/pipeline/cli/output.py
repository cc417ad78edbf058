"""How commands print: tables for people, JSON for programs, errors on stderr."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import PipelineError

# a pipe has no width to fold to
console = Console(width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def fail(error: PipelineError) -> None:
    """Print an error's sentence on stderr, unwrapped, so that a terminal's width cuts nothing."""
    errors.print(f"[red]error[/] {_escape(str(error))}", soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout; moments in ISO 8601."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None, fold: str | None = None
) -> None:
    """Print rows under their column names, numbers to the right; only the column `fold` breaks over lines."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", no_wrap=column != fold, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _escape(str(value))


def _escape(text: str) -> str:
    return text.replace("[", "\\[")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
