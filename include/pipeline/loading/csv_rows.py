"""The rows of a CSV file, where one that cannot be read does not hide the next.

A quote that is never closed swallows all lines after it. So the lines of a row are kept until it has been parsed; if it
cannot be parsed, its first line is the broken row, and reading continues at the second.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from pipeline.examples.example import LONGEST_TEXT
from pipeline.loading.source_file import LONGEST_LINE, SourceFile

_TIMES_READ_AGAIN: Final = 4
_UNCLOSED = "a quote that opens here is not closed before"


class CsvRow(NamedTuple):
    """A row and the line it begins on: its fields, or why it cannot be read and the kind of that fault.

    `written` is the row as it stands in the file, with its line ending.
    """

    line: int
    fields: list[str]
    written: str
    reason: str = ""
    kind: str = ""


class _RowTooLongError(Exception):
    """A row exceeds the longest a row may be."""


class _Lines:
    """A source's lines; the lines of the current row can be given back."""

    def __init__(self, source: SourceFile) -> None:
        self._lines = source.lines()
        self._given_back: deque[str] = deque()
        self._row: list[str] = []
        self._characters = 0
        self._read = self._read_again = 0
        self.first = 1

    @property
    def last(self) -> int:
        """The number of the line that was taken last."""
        return self.first + len(self._row) - 1

    @property
    def written(self) -> str:
        """The lines of the current row."""
        return "".join(self._row)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._characters > LONGEST_LINE or (self._row and self._given_back and self._is_tired()):
            raise _RowTooLongError
        if self._given_back:
            line = self._given_back.popleft()
        else:
            line = next(self._lines)
            self._read += len(line)
        self._row.append(line)
        self._characters += len(line)
        return line

    def begin_row(self) -> None:
        self.first += len(self._row)
        self._row.clear()
        self._characters = 0

    def give_back(self) -> None:
        """Give back all lines of the row except the first."""
        self._read_again += self._characters
        self._given_back.extendleft(reversed(self._row[1:]))
        del self._row[1:]

    def _is_tired(self) -> bool:
        # Reading a file in which every line opens another quote must not take for ever.
        return self._read_again > LONGEST_LINE + _TIMES_READ_AGAIN * self._read


def read_csv_rows(source: SourceFile) -> Iterator[CsvRow]:
    """Yield the rows of a file, header first; a row that cannot be read has a reason."""
    csv.field_size_limit(LONGEST_TEXT)
    lines = _Lines(source)
    reader = csv.reader(lines, strict=True)
    width = None
    while True:
        lines.begin_row()
        source.forget_bad_lines(lines.first)
        line, reason, kind = lines.first, "", ""
        fields: list[str] = []
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RowTooLongError) as error:
            reason, kind = _explain(error, line, lines.last)
        width = width or len(fields)
        if bad := source.find_bad_line(line, line if reason else lines.last):
            kind, reason = bad
        elif fields and len(fields) != width:
            reason = f"has {len(fields)} fields where the header has {width}"
        elif not fields and not reason:
            continue
        written = "" if reason else lines.written
        if reason and (not fields or len(fields) != width):
            lines.give_back()
        yield CsvRow(line, fields, written, reason, kind)


def _explain(error: Exception, first: int, last: int) -> tuple[str, str]:
    """Return why a row cannot be read, and the kind of that fault."""
    if isinstance(error, _RowTooLongError) or "field limit" in str(error):
        told = f"has a field of more than {LONGEST_TEXT:,} characters, the longest text allowed"
        if last == first and not isinstance(error, _RowTooLongError):
            return f"{told}: shorten or split it", "long"
        return f"{told}, or a quote that is never closed", "long"
    if "unexpected end" in str(error):
        return f"is not CSV ({_UNCLOSED} the end of the file)", "unclosed"
    if "new-line character" in str(error):
        return r"is not CSV (an unquoted field contains a carriage return, \r)", "carriage return"
    if last > first:
        return f"is not CSV ({_UNCLOSED} line {last}: {error})", "unclosed"
    return f"is not CSV ({error})", ""
