"""Rows on their way in: checked one by one, the broken ones collected by line."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from pipeline.datetimes import ALLOWED, parse_datetime
from pipeline.errors import ExamplesError
from pipeline.examples.columns import Columns

SHOWN_ROWS: Final = 20
LONGEST_CLASSIFICATION: Final = 1_000
_TIME_LIKE = re.compile(r"[\d\s:.,/+TZ-]{1,40}")


class IncomingRow(NamedTuple):
    """A checked row: the line it begins on, the id its file gave it, and the example."""

    line: int
    id: str | None
    occurred_at: datetime
    classification: str
    text: str


class BrokenRow(NamedTuple):
    """A row that cannot be loaded, and why; `column` is empty where the whole row is meant."""

    line: int
    column: str
    reason: str


class BrokenRowsError(ExamplesError):
    """A file whose broken rows kept all of it from being loaded."""


@dataclass
class BrokenRows:
    """The broken rows of one file: all counted, the first of them kept.

    `id_column` is the column that ids come from, for what is found out about them later on.
    """

    where: str
    id_column: str = "id"
    count: int = 0
    shown: list[BrokenRow] = field(default_factory=list)

    def add(self, line: int, column: str, reason: str) -> None:
        """Count a broken row."""
        self.count += 1
        if len(self.shown) < SHOWN_ROWS:
            self.shown.append(BrokenRow(line, column, reason))

    def describe(self) -> str:
        """Return one line a kept row, `file:line, column: reason`, in the order of the file."""
        lines = [
            f"  {self.where}:{row.line}{row.column and f', column {row.column}'}: {row.reason}"
            for row in sorted(self.shown)
        ]
        if self.count > len(self.shown):
            lines.append(f"  … and {self.count - len(self.shown)} more")
        return "\n".join(lines)

    def error(self) -> BrokenRowsError:
        """Return the error that refuses the file."""
        rows = "1 row is" if self.count == 1 else f"{self.count} rows are"
        return BrokenRowsError(
            self.where,
            f"{rows} broken, so nothing was loaded\n{self.describe()}",
            next_step="mend the file, or load the rest of it with --skip-bad",
        )


def check_row(
    line: int, given_id: Any, time: Any, classification: Any, text: Any, columns: Columns, broken: BrokenRows
) -> IncomingRow | None:
    """Return the row when its values will do, otherwise None after adding to `broken` what is wrong with it."""
    for column, value in ((columns.text, text), (columns.classification, classification)):
        if reason := _refuse_string(value):
            broken.add(line, column, reason)
            return None
    if len(classification) > LONGEST_CLASSIFICATION:
        broken.add(
            line, columns.classification, f"has {len(classification):,} characters, more than a class's name has"
        )
        return None
    if columns.id is not None:
        if isinstance(given_id, int) and not isinstance(given_id, bool):
            given_id = str(given_id)
        if reason := _refuse_string(given_id):
            broken.add(line, columns.id, reason)
            return None
    if not isinstance(time, str):
        broken.add(line, columns.time, f"is {_kind(time)}, not a text; write {ALLOWED}")
        return None
    try:
        moment = parse_datetime(time)
    except ValueError as error:
        # where columns were mixed up this is an example's text, which must not be shown
        hidden = f"a text of {len(time)} characters is not a date or time; write {ALLOWED}"
        broken.add(line, columns.time, str(error) if _TIME_LIKE.fullmatch(time) else hidden)
        return None
    return IncomingRow(line, given_id, moment, classification, text)


def _refuse_string(value: Any) -> str:
    if not isinstance(value, str):
        return f"is {_kind(value)}, not a text"
    if not value or value.isspace():
        return "is empty"
    if "\0" in value:
        return f"holds a NUL character, its character {value.index(chr(0)) + 1}"
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"holds half a character (a lone surrogate), its character {error.start + 1}"
    return ""


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names[type(value)]
