"""`pipeline examples find | correct | delete | changes`."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.author import name_user
from pipeline.cli.connect import connections, examples_store
from pipeline.cli.console import console, errors
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, shorten_text, warn
from pipeline.datetimes import parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.classes import name_class
from pipeline.examples.criteria import BEGIN, END, Criteria, FoundExample
from pipeline.loading.load import DEFAULT_COLLECTION, check_collection
from pipeline.plans.wording import count_of
from pipeline.stores.examples.change import Author, Chosen

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


def find(
    ids: Ids = None,
    ids_file: IdsFile = None,
    classification: Class = None,
    since: From = None,
    until: To = None,
    text: Text = None,
    collection: Collection = DEFAULT_COLLECTION,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Find examples by id, class, time or text, oldest first; all that is given must hold."""
    criteria = _read_criteria(collection, ids, ids_file, classification, since, until, text)
    shown: list[FoundExample] = []
    left = 0
    for example in examples_store().find(criteria):
        if len(shown) < limit:
            shown.append(example)
        else:
            left += 1
    _tell_missing(criteria, len(shown) + left)
    if as_json:
        print_json({"collection": criteria.collection, "found": len(shown) + left, "items": [*map(_describe, shown)]})
        return
    if shown:
        rows = [(each.id.hex(), each.occurred_at, each.classification, shorten_text(each.text)) for each in shown]
        print_table(("id", "time", "class", "text"), rows, fold="text")
    print_line(f"{count_of(len(shown) + left, 'example')} found{f', {left:,} not shown; see --limit' if left else ''}.")


def correct(
    new_class: Annotated[str, typer.Argument(metavar="CLASS", help="The right class.")],
    why: Why,
    ids: Ids = None,
    ids_file: IdsFile = None,
    classification: Class = None,
    since: From = None,
    until: To = None,
    text: Text = None,
    collection: Collection = DEFAULT_COLLECTION,
    every: All = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give examples another class. Their ids stay, so the file they came from does not bring the wrong class back."""
    name, reason = name_class(new_class)
    if reason or not name:
        raise ExamplesError("CLASS", f"the class {reason[0]}" if reason else "the class is empty")
    criteria = _read_criteria(collection, ids, ids_file, classification, since, until, text)
    _refuse_everything(criteria, every)
    chosen = _choose(criteria, but=name)
    _confirm(chosen, f"Give {chosen.describe()} the class {name}?", yes)
    changed = examples_store().correct(criteria.collection, chosen.rows, name, Author(name_user(), why))
    _report("corrected", criteria.collection, changed, as_json)


def delete(
    why: Why,
    ids: Ids = None,
    ids_file: IdsFile = None,
    classification: Class = None,
    since: From = None,
    until: To = None,
    text: Text = None,
    collection: Collection = DEFAULT_COLLECTION,
    every: All = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete examples, and what trainings have prepared from any. Models that were trained on them stay."""
    criteria = _read_criteria(collection, ids, ids_file, classification, since, until, text)
    _refuse_everything(criteria, every)
    chosen = _choose(criteria)
    _confirm(chosen, f"Delete {chosen.describe()}?", yes)
    with errors.status("deleting …"):
        deleted = examples_store().delete(criteria.collection, chosen.rows, Author(name_user(), why))
        if (cache := connections().cache_store) is not None:
            cache.clear()
    _report("deleted", criteria.collection, deleted, as_json)


def changes(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List what was corrected and deleted, by whom and why, newest first."""
    found = examples_store().list_changes(limit)
    if as_json:
        print_json([each._asdict() for each in found])
    elif not found:
        console.print("No example was ever corrected or deleted.")
    else:
        columns = ("when", "who", "what", "examples", "collection", "why")
        rows = [
            (each.changed_at, each.changed_by, each.kind, each.examples, each.collection, each.reason) for each in found
        ]
        print_table(columns, rows, fold="why")


@dataclass(slots=True)
class _Choice:
    """The examples that a change is about, and how many there are of each class."""

    rows: list[Chosen]
    classes: Counter[str]

    def describe(self) -> str:
        classes = ", ".join(f"{count:,} of {name}" for name, count in self.classes.most_common(3))
        more = f" and {len(self.classes) - 3} other classes" if len(self.classes) > 3 else ""
        return f"{count_of(len(self.rows), 'example')} ({classes}{more})"


def _choose(criteria: Criteria, but: str | None = None) -> _Choice:
    """Return the examples that meet the criteria, without those of the class `but`."""
    chosen, found = _Choice([], Counter()), 0
    for example in examples_store().find(criteria):
        found += 1
        if example.classification != but:
            chosen.rows.append(Chosen(example.id, example.digest))
            chosen.classes[example.classification] += 1
    _tell_missing(criteria, found)
    return chosen


def _tell_missing(criteria: Criteria, found: int) -> None:
    """Say on stderr how many of the ids that were given are of no example that meets the other criteria."""
    given = len(criteria.ids or ())
    if found < given:
        warn(f"{given - found:,} of {count_of(given, 'id')} found nothing in {criteria.collection}.")


def _read_criteria(
    collection: str,
    ids: Sequence[str] | None,
    ids_file: Path | None,
    classification: str | None,
    since: str | None,
    until: str | None,
    text: str | None,
) -> Criteria:
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
        content = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ExamplesError(str(path), f"cannot be read: {reason}", "a text file with an id a line") from None
    return {line.strip() for line in content.splitlines() if line.strip()}


def _parse(option: str, text: str | None, otherwise: datetime) -> datetime:
    try:
        return otherwise if text is None else parse_datetime(text)
    except ValueError as error:
        raise ExamplesError(option, str(error)) from None


def _refuse_everything(criteria: Criteria, every: bool) -> None:
    """Refuse a change of a whole collection that nobody asked for, or one that asks for all and for some."""
    if every == (criteria == Criteria(criteria.collection)):
        return
    if every:
        raise ExamplesError("--all", "given together with what chooses some", next_step="leave one of them out")
    raise ExamplesError(
        "examples", "nothing says which ones", "--id, --ids, --class, --from, --to, --text, or --all for a collection"
    )


def _confirm(chosen: _Choice, question: str, yes: bool) -> None:
    if chosen.rows and not yes:
        typer.confirm(question, abort=True)


def _report(kind: str, collection: str, count: int, as_json: bool) -> None:
    if as_json:
        print_json({"collection": collection, kind: count})
    else:
        print_line(f"{count_of(count, 'example')} of {collection} {kind}.")


def _describe(example: FoundExample) -> dict[str, Any]:
    return {
        "id": example.id.hex(), "occurred_at": example.occurred_at, "classification": example.classification,
        "text": example.text,
    }  # fmt: skip
