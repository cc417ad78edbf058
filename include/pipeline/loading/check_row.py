"""Check the rows of a file one by one."""

import re
from typing import Any, Final

from pipeline.datetimes import ALLOWED, CALENDAR, parse_datetime
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.classes import ONE_CLASS, name_class
from pipeline.examples.example import LONGEST_TEXT
from pipeline.examples.rows import IncomingRow, RespelledRow
from pipeline.loading.columns import Columns
from pipeline.visible import is_blank

TOO_LONG_TEXT: Final = f"and a text has at most {LONGEST_TEXT:,}: shorten or split it"
_TIME_LIKE = re.compile(r"[\d\s:.,/+TZ-]{1,40}")


def check_row(
    line: int, given_id: Any, time: Any, classification: Any, text: Any, columns: Columns, broken: BrokenRows
) -> IncomingRow | None:
    """Return the row if its values are valid, or add what is wrong to `broken` and return None."""
    if isinstance(classification, list | dict):
        broken.add(line, columns.classification, f"is {_kind(classification)}; {ONE_CLASS}")
        return None
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        given_id = str(given_id)
    if fault := refuse_text(text):
        broken.add(line, columns.text, *fault)
        return None
    strings = [(columns.classification, classification), (columns.id, given_id)]
    for column, value in strings if columns.id is not None else strings[:1]:
        if fault := _refuse_string(value):
            broken.add(line, column or "", *fault)
            return None
    name, wrong = name_class(classification)
    if wrong:
        broken.add(line, columns.classification, *wrong)
        return None
    if not isinstance(time, str):
        broken.add(line, columns.time, f"is {_kind(time)}, not a string; write {ALLOWED}")
        return None
    try:
        moment = parse_datetime(time)
    except ValueError as error:
        # if columns were mixed up this is an example's text, which no error may show
        hidden = f"a text of {len(time)} characters is not a date or time; write {ALLOWED}"
        kind = "no such moment" if CALENDAR in str(error) else "no form of a moment"
        broken.add(line, columns.time, str(error) if _TIME_LIKE.fullmatch(time) else hidden, kind)
        return None
    if name == classification:
        return IncomingRow(line, given_id, moment, name, text)
    row = RespelledRow(line, given_id, moment, name, text)
    row.spelled = classification
    return row


def refuse_text(value: Any) -> tuple[str, ...]:
    """Return what is wrong with a text, and the kind of fault if that contains details of the row; empty if valid."""
    if fault := _refuse_string(value):
        return fault
    if len(value) > LONGEST_TEXT:
        return f"has {len(value):,} characters, {TOO_LONG_TEXT}", TOO_LONG_TEXT
    return ()


def _refuse_string(value: Any) -> tuple[str, ...]:
    """Return what is wrong with a value and, if that contains details of the row, the kind of fault; empty if valid."""
    if not isinstance(value, str):
        return (f"is {_kind(value)}, not a string",)
    if is_blank(value):
        return ("is empty",)
    if "\0" in value:
        return f"contains a NUL character at character {value.index(chr(0)) + 1}", "NUL"
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"contains a lone surrogate, half a character, at character {error.start + 1}", "surrogate"
    return ()


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names[type(value)]
