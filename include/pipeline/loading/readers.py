"""Read a file's examples row by row; a broken row never hides the next."""

from collections.abc import Iterator

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.rows import IncomingRow
from pipeline.loading.check_row import check_row
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.records import read_records
from pipeline.loading.source_file import SourceFile


def read_rows(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    """Yield the valid rows of a file and add the others to `broken`.

    Raises:
        ExamplesError: no row can be read: a column is missing, or the file is empty.
    """
    records = read_records(source, broken)
    if records is None:
        if broken.count == 0:
            raise ExamplesError(source.name, "is empty", "one JSON object per line, one line per example")
        return
    columns = choice.resolve(records.columns, records.where)
    broken.id_column = columns.id or broken.id_column
    text, classification, time, given_id = columns.text, columns.classification, columns.time, columns.id
    names = [text, classification, time, *([] if given_id is None else [given_id])]
    for line, values, _ in records.rows:
        if missing := next((name for name in names if name not in values), None):
            broken.add(line, missing, "is missing")
            continue
        id_value = None if given_id is None else values[given_id]
        row = check_row(line, id_value, values[time], values[classification], values[text], columns, broken)
        if row is not None:
            yield row
