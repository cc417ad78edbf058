"""`pipeline examples …`"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli import example_changes, forget
from pipeline.cli.author import make_author
from pipeline.cli.connect import connections, examples_store
from pipeline.cli.console import console, errors
from pipeline.cli.output import AsJson, print_json, print_table
from pipeline.cli.progress import show_progress
from pipeline.environment import EXAMPLES_KEYS, ExamplesKeys
from pipeline.errors import ExamplesError
from pipeline.examples.keyring import KeyRing
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.load import DEFAULT_COLLECTION, load_file
from pipeline.loading.rotation import Rotation
from pipeline.loading.rotation import rotate_key as rotate
from pipeline.stores.author import Author
from pipeline.stores.examples.load import LoadCounts
from pipeline.stores.examples.store import ExamplesStore

app = typer.Typer(help="Load, find, correct, delete, forget and re-encrypt examples.", no_args_is_help=True)

Collection = Annotated[str, typer.Option(metavar="NAME", help="The collection to load into.")]


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A .csv or .jsonl file, or either as .gz; UTF-8.")],
    text: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of the text; default: text.")] = None,
    classification: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of the class; default: classification or label.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column of the time; default: time, timestamp or occurred_at."),
    ] = None,
    id: Annotated[  # noqa: A002 - it is the option's name
        str | None,
        typer.Option(metavar="COLUMN", help="The column that identifies a row; default: none, its content does so."),
    ] = None,
    collection: Collection = DEFAULT_COLLECTION,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Load the good rows even if others are broken.")] = False,
    on_conflict: Annotated[
        Literal["refuse", "replace"],
        typer.Option(help="A row whose id is there with another text, class or time: it is broken, or replaces that."),
    ] = "refuse",
    why: Annotated[str | None, typer.Option(help="Why rows are replaced; kept in the journal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load a file, all of it or, if a row is broken, none. Rows that are already in the database are skipped."""
    choice = ColumnChoice(text, classification, time, id)
    replacing = _read_author(on_conflict, id, why)
    store = examples_store()
    with show_progress(file.name) as on_progress:
        counts, broken = load_file(store, file, choice, collection, skip_bad, on_progress, replacing)
    if broken.count:
        errors.print(broken.describe(), markup=False, highlight=False, soft_wrap=True)
    _print_counts(counts, collection, as_json)


def _read_author(on_conflict: str, id_column: str | None, why: str | None) -> Author | None:
    """Return who replaces rows, and why; None if nobody does."""
    if on_conflict == "refuse":
        return None
    if id_column is None:
        raise ExamplesError("--on-conflict replace", "no --id", "the column with the ids by which rows are replaced")
    if why is None:
        raise ExamplesError("--on-conflict replace", "no --why", "a reason; the journal of changes keeps it")
    return make_author(why)


@app.command()
def demo(collection: Collection = DEFAULT_COLLECTION, as_json: AsJson = False) -> None:
    """Load 200 Usenet posts from April and May 1993, which come with gensim."""
    from pipeline.loading.demo import load_demo

    _print_counts(load_demo(examples_store(), collection), collection, as_json)


@app.command()
def stats(as_json: AsJson = False) -> None:
    """Show each collection's size, dates, classes and keys."""
    collections = examples_store().stats()
    if as_json:
        print_json([asdict(collection) for collection in collections])
        return
    if not collections:
        console.print("No examples yet. Load some with `pipeline examples load FILE` or `pipeline examples demo`.")
    for found in collections:
        print_table(
            ("collection", "examples", "first", "last", "keys"),
            [(found.collection, found.examples, found.first, found.last, ", ".join(found.key_ids))],
        )
        classes = sorted(found.classifications.items(), key=lambda item: (-item[1], item[0]))
        rows = [(name, count, f"{count / found.examples:.1%}") for name, count in classes]
        print_table(("classification", "examples", "share"), rows)
        console.print()


_CHANGES = (
    example_changes.find,
    example_changes.correct,
    example_changes.delete,
    forget.forget,
    example_changes.changes,
)
for command in _CHANGES:
    app.command()(command)


@app.command("create-keys")
def create_keys() -> None:
    """Create the key file that PIPELINE_EXAMPLES_KEYS_FILE names, unless it exists; `pipeline up` does so itself."""
    path = KeyRing.create(ExamplesKeys.read())
    told = f"The examples' keys are in {path}. Back up this file: without it the examples cannot be read."
    console.print(told, highlight=False, soft_wrap=True)


@app.command("rotate-key")
def rotate_key(as_json: AsJson = False) -> None:
    """Re-encrypt all examples with a new key, or finish an interrupted rotation. Reads and loads can continue."""
    store = examples_store()
    with errors.status("re-encrypting …") as status:
        rotation = rotate(store, lambda rows: status.update(f"re-encrypting … {rows} rows"))
    if as_json:
        print_json(asdict(rotation))
    else:
        _print_rotation(rotation, store)
    if (cache := connections().cache_store) is not None:
        cache.clear()  # encrypted with the old key, so it is of no more use


def _print_rotation(rotation: Rotation, store: ExamplesStore) -> None:
    begun = "Finished an interrupted rotation: " if rotation.resumed else ""
    console.print(f"{begun}{rotation.reencrypted} rows re-encrypted; all rows now use key {rotation.key_id}.")
    if rotation.dropped:
        console.print(f"Dropped from {store.keyring.path}: {', '.join(rotation.dropped)}.")
    if rotation.unused:
        console.print(
            f"No row uses {', '.join(rotation.unused)} now: remove it from {EXAMPLES_KEYS}, restart every process."
        )


def _print_counts(counts: LoadCounts, collection: str, as_json: bool) -> None:
    if as_json:
        print_json({"collection": collection, **asdict(counts)})
        return
    console.print(
        f"{counts.read} rows read: {counts.loaded} loaded into {collection}, "
        f"{f'{counts.replaced} replaced, ' if counts.replaced else ''}"
        f"{counts.already_there} already there, {counts.skipped_bad} broken and skipped.",
        highlight=False,
        soft_wrap=True,
    )
