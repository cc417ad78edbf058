"""How commands print: tables for people, JSON for programs, errors on stderr.

Modules that draw tables are imported where they are needed: many commands only print a sentence.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from pipeline.errors import PipelineError
from pipeline.stores.disk import find_trouble
from pipeline.visible import escape_harmful

_FOLDED_WIDTH = 24
_READABLE_ROWS = 5_000
_GAP = 2
_LONGEST_TEXT = 200
"""Characters of an example's text in a table."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
AsPlot = Annotated[bool, typer.Option("--plot", help="Draw pictures in the terminal instead of tables.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most this many.")]


def fail(error: PipelineError) -> None:
    """Print an error on stderr, unwrapped, so that a terminal's width cuts nothing."""
    _print_marked("red", "error", str(error))


def print_problem(sentence: str) -> None:
    """Print on stderr what is wrong with something that the user asked about."""
    _print_marked("yellow", "problem", sentence)


def _print_marked(colour: str, mark: str, sentence: str) -> None:
    from rich.markup import escape

    from pipeline.cli.console import errors

    errors.print(f"[{colour}]{mark}[/] {escape(sentence)}", soft_wrap=True, highlight=False)


def print_disk_trouble(home: Path, said: str = "") -> None:
    """Print on stderr that the disk of the state folder is full or read-only, unless `said` already contains it."""
    trouble = find_trouble(home) if home.is_dir() else None
    if trouble and trouble.what not in said:
        fail(PipelineError("disk", trouble.what, next_step=trouble.next_step))


def warn(sentence: str) -> None:
    """Print on stderr a sentence that is not an error."""
    typer.echo(escape_harmful(sentence), err=True)


def print_line(sentence: str) -> None:
    """Print a sentence unchanged and unwrapped."""
    typer.echo(escape_harmful(sentence))


def print_warnings(warnings: Sequence[object]) -> None:
    """Print warnings: what looks like a mistake but need not be one."""
    if not warnings:
        return
    from rich.markup import escape

    from pipeline.cli.console import console

    for warning in warnings:
        console.print(f"[yellow]warning[/] {escape(str(warning))}", highlight=False, soft_wrap=True)


def check_one_form(as_json: bool, as_plot: bool) -> None:
    """Check that a result is not asked for both as JSON and as pictures.

    Raises:
        PipelineError: it is.
    """
    if as_json and as_plot:
        raise PipelineError("--plot", "pictures have no form in JSON", next_step="leave out --plot or --json")


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout; times in ISO 8601."""
    lists = [each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, list)]
    longest = max(map(len, lists), default=0)
    # nobody reads this many rows, and indenting them would take most of the time
    indent = 2 if longest <= _READABLE_ROWS else None
    typer.echo(escape_harmful(json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)))


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None, fold: str | None = None
) -> None:
    """Print rows under their column names, numbers to the right.

    Args:
        columns: the most important first; if the terminal is too narrow, the last ones are left out and named.
        rows: one value per column.
        title: printed above.
        fold: the column that wraps over several lines; it is never left out.
    """
    from rich.markup import escape
    from rich.table import Table

    from pipeline.cli.console import console

    cells = [[_cell(value) for value in row] for row in rows]
    kept, left_out = _fit(columns, cells, fold, console.width)
    table = Table(header_style="bold", box=None, pad_edge=False)
    for index in kept:
        numeric = bool(rows) and all(isinstance(row[index], int | float | None) for row in rows)
        folds = columns[index] == fold
        table.add_column(escape(columns[index]), justify="right" if numeric else "left", no_wrap=not folds)
    for row in cells:
        table.add_row(*(escape(row[index]) for index in kept))
    if title:
        print_line(title)
    console.print(table)
    if left_out:
        console.print(f"[dim]no room for: {', '.join(left_out)}; widen the terminal, or see --json[/]")


def shorten_text(text: str) -> str:
    """Return an example's text on one line, cut if it is long."""
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_TEXT else f"{words[: _LONGEST_TEXT - 1]}…"


def _fit(
    columns: Sequence[str], cells: Sequence[Sequence[str]], fold: str | None, width: int
) -> tuple[list[int], list[str]]:
    """Return the indexes of the columns that fit the width, and the names of the others."""
    from rich.cells import cell_len

    widths = [
        _FOLDED_WIDTH if name == fold else max(cell_len(text) for text in (name, *(row[index] for row in cells)))
        for index, name in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(widths[index] + _GAP for index in kept) - _GAP > width:
        last = max(index for index in kept if columns[index] != fold)
        if last == 0:
            break
        kept.remove(last)
    return kept, [name for index, name in enumerate(columns) if index not in kept]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    # a lone surrogate, from an argument that is not UTF-8, cannot be printed
    return escape_harmful(str(value).encode(errors="replace").decode())


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
