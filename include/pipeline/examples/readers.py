"""CSV and JSON Lines, read row by row; one broken row never hides the next."""

import csv
import json
from collections.abc import Iterator
from typing import Any, Final

from pipeline.datetimes import parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.columns import ColumnChoice, Columns
from pipeline.examples.rows import BrokenRows, IncomingRow, check_row
from pipeline.examples.source_file import SourceFile

LONGEST_FIELD: Final = 16 * 2**20
"""Characters in one CSV field; a quote that is never closed would otherwise swallow the whole file."""


def read_rows(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    """Yield the rows of a file that will do; the others are added to `broken`.

    Raises:
        ExamplesError: no row of the file can be read: a column is missing, or there is nothing in it.
    """
    reader = _read_csv if source.format == "csv" else _read_jsonl
    return reader(source, choice, broken)


def _read_csv(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(source.lines(), strict=True)
    header = _read_header(source, reader)
    columns = choice.resolve(header, f"{source.name}:1")
    broken.id_column = columns.id or broken.id_column
    text, classification, time = (header.index(name) for name in (columns.text, columns.classification, columns.time))
    given_id = None if columns.id is None else header.index(columns.id)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            broken.add(line, "", f"is not CSV ({error})")
            continue
        if not fields:
            continue
        if reason := source.take_bad_bytes(line, reader.line_num):
            broken.add(line, "", reason)
            continue
        if len(fields) != len(header):
            broken.add(line, "", f"has {len(fields)} fields where the header has {len(header)}")
            continue
        id_value = None if given_id is None else fields[given_id]
        row = check_row(line, id_value, fields[time], fields[classification], fields[text], columns, broken)
        if row is not None:
            yield row


def _read_header(source: SourceFile, reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next(reader)
    except StopIteration:
        raise ExamplesError(source.name, "is empty", "a header line, then a line an example") from None
    except csv.Error as error:
        raise ExamplesError(f"{source.name}:1", f"is not CSV ({error})") from None
    if reason := source.take_bad_bytes(1, 1):
        raise ExamplesError(f"{source.name}:1", reason, "UTF-8", "save the file as UTF-8")
    if any(map(_is_datetime, header)):
        raise ExamplesError(
            f"{source.name}:1", "holds values where the columns' names should be", "a header line", "put one first"
        )
    return header


def _is_datetime(text: str) -> bool:
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def _read_jsonl(source: SourceFile, choice: ColumnChoice, broken: BrokenRows) -> Iterator[IncomingRow]:
    columns: Columns | None = None
    for line, content in enumerate(source.lines(), 1):
        if content.isspace():
            continue
        if reason := source.take_bad_bytes(line, line):
            broken.add(line, "", reason)
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
        raise ExamplesError(source.name, "is empty", "a JSON object a line, one an example")


def _parse_object(line: int, content: str, broken: BrokenRows) -> dict[str, Any] | None:
    try:
        values = json.loads(content)
    except json.JSONDecodeError as error:
        broken.add(line, "", f"is not JSON ({error.msg}, character {error.pos + 1})")
        return None
    except (RecursionError, ValueError):  # nested thousands deep, or a number thousands of digits long
        broken.add(line, "", "is not JSON of a sensible size")
        return None
    if not isinstance(values, dict):
        broken.add(line, "", "is not a JSON object")
        return None
    return values
