"""`pipeline examples find | correct | delete | changes`."""

from typing import Annotated, Any

import typer

from pipeline.cli.author import make_author
from pipeline.cli.connect import connections, examples_store
from pipeline.cli.console import console, errors
from pipeline.cli.example_choice import (
    All,
    Class,
    Collection,
    From,
    Ids,
    IdsFile,
    Text,
    To,
    Why,
    Yes,
    choose,
    confirm,
    read_criteria,
    refuse_everything,
    tell_missing,
)
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, shorten_text
from pipeline.errors import ExamplesError
from pipeline.examples.classes import name_class
from pipeline.examples.criteria import FoundExample
from pipeline.loading.load import DEFAULT_COLLECTION
from pipeline.plans.wording import count_of


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
    criteria = read_criteria(collection, ids, ids_file, classification, since, until, text)
    shown: list[FoundExample] = []
    left = 0
    for example in examples_store().find(criteria):
        if len(shown) < limit:
            shown.append(example)
        else:
            left += 1
    tell_missing(criteria, len(shown) + left)
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
    criteria = read_criteria(collection, ids, ids_file, classification, since, until, text)
    refuse_everything(criteria, every)
    chosen = choose(criteria, but=name)
    confirm(chosen, f"Give {chosen.describe()} the class {name}?", yes)
    changed = examples_store().correct(criteria.collection, chosen.rows, name, make_author(why))
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
    criteria = read_criteria(collection, ids, ids_file, classification, since, until, text)
    refuse_everything(criteria, every)
    chosen = choose(criteria)
    confirm(chosen, f"Delete {chosen.describe()}?", yes)
    with errors.status("deleting …"):
        deleted = examples_store().delete(criteria.collection, chosen.rows, make_author(why))
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
