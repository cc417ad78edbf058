"""Read CSV and JSON Lines row by row; a broken row never hides the next."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.datetimes import parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.rows import IncomingRow
from pipeline.loading.check_row import check_row
from pipeline.loading.columns import ColumnChoice, Columns, show_column
from pipeline.loading.csv_rows import CsvRow, read_csv_rows
from pipeline.loading.first_line import refuse_separator
from pipeline.loading.source_file import SourceFile


def read_rows(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    """Yield the valid rows of a file and add the others to `broken`.

    Raises:
        ExamplesError: no row can be read: a column is missing, or the file is empty.
    """
    reader = _read_csv if source.format == "csv" else _read_jsonl
    return reader(source, choice, broken)


def _read_csv(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    rows = read_csv_rows(source)
    header = _check_header(source, next(rows, None))
    columns = choice.resolve(header, f"{source.name}:1")
    broken.id_column = columns.id or broken.id_column
    text, classification, time = (header.index(name) for name in (columns.text, columns.classification, columns.time))
    given_id = None if columns.id is None else header.index(columns.id)
    for line, fields, reason, kind in rows:
        if reason:
            broken.add(line, "", reason, kind)
            continue
        id_value = None if given_id is None else fields[given_id]
        row = check_row(line, id_value, fields[time], fields[classification], fields[text], columns, broken)
        if row is not None:
            yield row


def _check_header(source: SourceFile, row: CsvRow | None) -> list[str]:
    if row is None:
        raise ExamplesError(source.name, "is empty", "a header line, then one line per example")
    where = f"{source.name}:{row.line}"
    if row.kind == "is not UTF-8":
        raise ExamplesError(where, row.reason, "UTF-8", "save the file as UTF-8")
    if row.reason:
        raise ExamplesError(where, row.reason, "a header line", "add one as the first line")
    if any(map(_is_datetime, row.fields)):
        raise ExamplesError(
            where, "contains values where the column names should be", "a header line", "add one as the first line"
        )
    refuse_separator(row.fields, where)
    return row.fields


def _is_datetime(text: str) -> bool:
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def _read_jsonl(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    columns: Columns | None = None
    for line, content in enumerate(source.lines(), 1):
        if bad := source.find_bad_line(line, line):
            kind, reason = bad
            broken.add(line, "", reason, kind)
            source.forget_bad_lines(line + 1)
            continue
        if content.isspace():
            continue
        values = _parse_object(line, content, broken)
        if values is None:
            continue
        if columns is None:
            columns = choice.resolve(list(values), f"{source.name}:{line}")
            broken.id_column = columns.id or broken.id_column
        names = [columns.text, columns.classification, columns.time, *([columns.id] if columns.id else [])]
        if missing := next((name for name in names if name not in values), None):
            broken.add(line, missing, "is missing")
            continue
        row = check_row(
            line,
            values[columns.id] if columns.id else None,
            values[columns.time],
            values[columns.classification],
            values[columns.text],
            columns,
            broken,
        )
        if row is not None:
            yield row
    if columns is None and broken.count == 0:
        raise ExamplesError(source.name, "is empty", "one JSON object per line, one line per example")


class _Doubled(dict[str, Any]):
    """An object with a doubled key."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)  # a line may have very many keys
        self.key = next(name for name, count in counts.items() if count > 1)


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Doubled(pairs)


def _parse_object(line: int, content: str, broken: BrokenRows) -> dict[str, Any] | None:
    try:
        values = json.loads(content, object_pairs_hook=_make_object)
    except json.JSONDecodeError as error:
        broken.add(line, "", f"is not JSON ({error.msg}, character {error.pos + 1})", error.msg)
        return None
    except (RecursionError, ValueError):  # nested thousands deep, or a number thousands of digits long
        broken.add(line, "", "is JSON nested too deeply, or with a number of too many digits")
        return None
    if not isinstance(values, dict):
        broken.add(line, "", "is not a JSON object")
        return None
    if isinstance(values, _Doubled):
        broken.add(line, "", f"has the key {show_column(values.key)} twice", "doubled")
        return None
    return values
