"""A file's rows with all their columns, from CSV and JSON Lines; a broken row never hides the next."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from pipeline.datetimes import parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.loading.columns import show_column
from pipeline.loading.csv_rows import CsvRow, read_csv_rows
from pipeline.loading.first_line import refuse_separator
from pipeline.loading.source_file import SourceFile


class Record(NamedTuple):
    """A row: the line it begins on, its values by column, and the row as it stands in the file, with its line ending.

    If a CSV file has two columns of one name, the value is the last one's.
    """

    line: int
    values: Mapping[str, Any]
    written: str


class Records(NamedTuple):
    """The rows of a file.

    Attributes:
        columns: those of the header, or in JSON Lines of the first row.
        where: the file and line that have them.
        header: the header as it stands in the file, with its line ending; empty in JSON Lines.
        rows: the rows that can be read; the others are broken.
    """

    columns: list[str]
    where: str
    header: str
    rows: Iterator[Record]


def read_records(source: SourceFile, broken: BrokenRows) -> Records | None:
    """Return the rows of a file, of which those that cannot be read are added to `broken`; None if none can be read.

    Raises:
        ExamplesError: a CSV file has no header, or the file is something else.
    """
    return _read_csv(source, broken) if source.format == "csv" else _read_jsonl(source, broken)


def _read_csv(source: SourceFile, broken: BrokenRows) -> Records:
    rows = read_csv_rows(source)
    header = _check_header(source, next(rows, None))
    where = f"{source.name}:{header.line}"
    return Records(header.fields, where, header.written, _make_records(header.fields, rows, broken))


def _make_records(columns: list[str], rows: Iterator[CsvRow], broken: BrokenRows) -> Iterator[Record]:
    for line, fields, written, reason, kind in rows:
        if reason:
            broken.add(line, "", reason, kind)
        else:
            yield Record(line, dict(zip(columns, fields, strict=True)), written)


def _check_header(source: SourceFile, row: CsvRow | None) -> CsvRow:
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
    return row


def _is_datetime(text: str) -> bool:
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def _read_jsonl(source: SourceFile, broken: BrokenRows) -> Records | None:
    rows = _parse_lines(source, broken)
    first = next(rows, None)
    if first is None:
        return None
    return Records(list(first.values), f"{source.name}:{first.line}", "", chain([first], rows))


def _parse_lines(source: SourceFile, broken: BrokenRows) -> Iterator[Record]:
    for line, content in enumerate(source.lines(), 1):
        if bad := source.find_bad_line(line, line):
            kind, reason = bad
            broken.add(line, "", reason, kind)
            source.forget_bad_lines(line + 1)
            continue
        if content.isspace():
            continue
        values = _parse_object(line, content, broken)
        if values is not None:
            yield Record(line, values, content)


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
