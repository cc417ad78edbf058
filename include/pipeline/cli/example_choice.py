"""Which examples a command is about: its options, and what they choose."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.connect import examples_store
from pipeline.cli.output import warn
from pipeline.datetimes import parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.criteria import BEGIN, END, Criteria
from pipeline.loading.load import check_collection
from pipeline.plans.wording import count_of
from pipeline.stores.examples.change import Chosen

Collection = Annotated[str, typer.Option(metavar="NAME", help="The collection.")]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--id", metavar="ID", help="An id, from the file that was loaded, from `find` or from a page; repeatable."
    ),
]
IdsFile = Annotated[Path | None, typer.Option("--ids", metavar="FILE", help="A file with an id a line; - is stdin.")]
Class = Annotated[str | None, typer.Option("--class", metavar="NAME", help="Of this class only.")]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="From this time on, such as 2024-5-1.")]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before this time.")]
Text = Annotated[
    str | None, typer.Option(metavar="PHRASE", help="Whose text contains this, in upper or lower case letters.")
]
All = Annotated[bool, typer.Option("--all", help="All examples of the collection.")]
Why = Annotated[str, typer.Option(help="The reason; kept in the journal, so name no person and quote no text.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(slots=True)
class Choice:
    """The examples that a change is about, and how many there are of each class."""

    rows: list[Chosen]
    moments: list[datetime]
    classes: Counter[str]

    def describe(self) -> str:
        classes = ", ".join(f"{count:,} of {name}" for name, count in self.classes.most_common(3))
        more = f" and {len(self.classes) - 3} other classes" if len(self.classes) > 3 else ""
        return f"{count_of(len(self.rows), 'example')} ({classes}{more})"


def choose(criteria: Criteria, but: str | None = None) -> Choice:
    """Return the examples that meet the criteria, without those of the class `but`."""
    chosen, found = Choice([], [], Counter()), 0
    for example in examples_store().find(criteria):
        found += 1
        if example.classification != but:
            chosen.rows.append(Chosen(example.id, example.digest))
            chosen.moments.append(example.occurred_at)
            chosen.classes[example.classification] += 1
    tell_missing(criteria, found)
    return chosen


def tell_missing(criteria: Criteria, found: int) -> None:
    """Say on stderr how many of the ids that were given are of no example that meets the other criteria."""
    given = len(criteria.ids or ())
    if found < given:
        warn(f"{given - found:,} of {count_of(given, 'id')} found nothing in {criteria.collection}.")


def read_criteria(
    collection: str,
    ids: Sequence[str] | None,
    ids_file: Path | None,
    classification: str | None,
    since: str | None,
    until: str | None,
    text: str | None,
) -> Criteria:
    for option, given in (("--class", classification), ("--text", text), *(("--id", each) for each in ids or ())):
        if given is not None and not given.strip():  # such as an unset variable of a shell: it would mean all of them
            raise ExamplesError(option, "is empty", next_step="leave it out, or say which examples are meant")
    listed = {*(ids or ()), *(_read_ids(ids_file) if ids_file else ())}
    return Criteria(
        check_collection(collection),
        frozenset(listed) if ids or ids_file else None,
        classification,
        _parse("--from", since, BEGIN),
        _parse("--to", until, END),
        text,
    )


def _read_ids(path: Path) -> set[str]:
    try:
        content = sys.stdin.read().removeprefix("\ufeff") if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ExamplesError(str(path), f"cannot be read: {reason}", "a text file with an id a line") from None
    return {line.strip() for line in content.splitlines() if line.strip()}


def _parse(option: str, text: str | None, otherwise: datetime) -> datetime:
    try:
        return otherwise if text is None else parse_datetime(text)
    except ValueError as error:
        raise ExamplesError(option, str(error)) from None


def refuse_everything(criteria: Criteria, every: bool) -> None:
    """Refuse a change of a whole collection that nobody asked for, or one that asks for all and for some."""
    if every == (criteria == Criteria(criteria.collection)):
        return
    if every:
        raise ExamplesError("--all", "given together with what chooses some", next_step="leave one of them out")
    raise ExamplesError(
        "examples", "nothing says which ones", "--id, --ids, --class, --from, --to, --text, or --all for a collection"
    )


def confirm(chosen: Choice, question: str, yes: bool) -> None:
    if chosen.rows and not yes:
        typer.confirm(question, abort=True)
