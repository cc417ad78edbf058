"""Write a file's rows again, with more columns behind."""

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.errors import ExamplesError
from pipeline.loading.columns import doubled_error, show_column
from pipeline.loading.records import Record, Records
from pipeline.loading.source_file import Format

_PREFIX: Final = "choose other names with --prefix, such as --prefix predicted_"
_SURROGATE: Final = "contains a lone surrogate, half a character, which CSV cannot hold"


class RowWriter:
    """Writes rows of one file to another, with an answer's columns behind.

    If both files have one format, a row stays as it was written, to the character, and the new columns follow.

    Args:
        records: the rows.
        source: the format that they have.
        target: the format to write.
        names: the names of the new columns.

    Raises:
        ExamplesError: the rows have columns of these names, or columns that the format cannot hold.
    """

    def __init__(self, records: Records, source: Format, target: Format, names: Sequence[str]) -> None:
        if taken := [repr(name) for name in names if name in records.columns]:
            found = f"has the {'column' if len(taken) == 1 else 'columns'} {' and '.join(taken)}, which answers need"
            raise ExamplesError(records.where, found, next_step=_PREFIX)
        self._copies = source == target
        self._source, self._target = source, target
        self._columns, self._names = records.columns, names
        self._known, self._taken = frozenset(records.columns), frozenset(names)
        self._ending = "\r\n" if records.header.endswith("\r\n") else "\n"
        self.header = "" if target == "jsonl" else self._name_columns(records)
        if target == "jsonl" and len(self._known) < len(records.columns):
            doubled = next(name for name in records.columns if records.columns.count(name) > 1)
            raise doubled_error(doubled, records.where)

    def _name_columns(self, records: Records) -> str:
        if self._copies:
            return self._append_cells(records.header, self._names)
        header = self._append_cells(format_cells(records.columns), self._names)
        if not _is_unicode(header):
            raise ExamplesError(records.where, f"a column's name {_SURROGATE}", next_step="write a .jsonl file")
        return header

    def refuse(self, values: Mapping[str, Any]) -> tuple[str, str, str] | None:
        """Return why a row cannot be written: its column, the reason and the kind of fault; None if it can be."""
        if self._source == "csv":
            return None
        if not self._taken.isdisjoint(values):
            name = next(name for name in self._names if name in values)
            return name, f"is a name that answers need; {_PREFIX}", ""
        if self._copies:
            return None
        if other := next((name for name in values if name not in self._known), None):
            told = "is not in the first row, which decides the columns of CSV: write a .jsonl file"
            return "", f"the key {show_column(other)} {told}", told
        return None if _is_unicode(self._format_values(values)) else ("", _SURROGATE, "")

    def write(self, record: Record, answer: Sequence[Any]) -> str:
        """Return a row with its answer, a value for each new column, as text with a line ending."""
        if self._target == "csv":
            row = record.written if self._copies else self._format_values(record.values)
            return self._append_cells(row, answer)
        new = dict(zip(self._names, answer, strict=True))
        if not self._copies:
            return _format_json({**record.values, **new}) + "\n"
        # an object with the text in it ends with its last value and a brace
        return f"{record.written.strip()[:-1].rstrip()}, {_format_json(new)[1:]}\n"

    def _format_values(self, values: Mapping[str, Any]) -> str:
        return format_cells([_make_cell(values.get(name)) for name in self._columns])

    def _append_cells(self, row: str, cells: Sequence[Any]) -> str:
        return row.rstrip("\r\n") + f",{format_cells(cells)}{self._ending}"


class _Echo:
    """A file that returns what is written to it, which `csv.writer` passes on."""

    def write(self, row: str) -> str:
        return row


# with this line ending, every Python quotes both of its characters
_csv = csv.writer(_Echo(), lineterminator="\r\n")


def format_cells(cells: Sequence[Any]) -> str:
    """Return cells as one row of CSV, without a line ending."""
    row: str = _csv.writerow(cells)
    return row.removesuffix("\r\n")


def _format_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _make_cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _format_json(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
