"""Load a file of examples into the examples database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import name_collection
from pipeline.examples.rows import IncomingRow
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.readers import read_rows
from pipeline.loading.source_file import Progress, SourceFile
from pipeline.stores.author import Author
from pipeline.stores.examples.load import LoadCounts
from pipeline.stores.examples.store import ExamplesStore

DEFAULT_COLLECTION: Final = "default"
_ROWS_A_REPORT = 500


def load_file(
    store: ExamplesStore,
    path: Path,
    choice: ColumnChoice | None = None,
    collection: str = DEFAULT_COLLECTION,
    skip_bad: bool = False,
    on_progress: Progress | None = None,
    replacing: Author | None = None,
) -> tuple[LoadCounts, BrokenRows]:
    """Load the rows of a file that are not in the database yet; return the counts and the broken rows.

    One transaction: after an error no row was loaded. With `replacing`, rows whose id is there with other content
    replace that content.

    Raises:
        BrokenRowsError: rows are broken and `skip_bad` is false.
        ExamplesError: the file cannot be read, or a column is missing.
    """
    collection = check_collection(collection)
    with SourceFile(path) as source:
        broken = BrokenRows(source.name)
        rows = read_rows(source, choice or ColumnChoice(), broken)
        if on_progress:
            rows = _report(rows, source, on_progress)
        return store.load(collection, rows, broken, skip_bad, replacing), broken


def check_collection(name: str) -> str:
    """Return the name of a collection as it is stored.

    Raises:
        ExamplesError: the name is not allowed; the message says what is.
    """
    try:
        return name_collection(name)
    except ValueError as error:
        raise ExamplesError("--collection", str(error)) from None


def _report(rows: Iterator[IncomingRow], source: SourceFile, on_progress: Progress) -> Iterator[IncomingRow]:
    for number, row in enumerate(rows):
        if number % _ROWS_A_REPORT == 0:
            on_progress(source.position_bytes(), source.size_bytes)
        yield row
    on_progress(source.position_bytes(), source.size_bytes)
