"""Dates and times as people and databases write them: `2016-1-1`, `2016-01-01T09:30Z`, `2016-01-01 09:30:00+02`."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from dateutil.parser import isoparser
from pydantic import AfterValidator, Field

# This checks the form only; dateutil checks the numbers. It reads ISO 8601, in which each number has all its digits.
_PATTERN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2})(?P<rest>:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)"
    r" ?(?P<offset>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_ISO = isoparser(sep="T")
CALENDAR = "does not exist in the calendar"
ALLOWED = "year-month-day, with or without a time and an offset, such as 2016-1-1 or 2016-01-01T09:30+02:00"


def parse_datetime(text: str) -> datetime:
    """Return the moment in UTC; a text without an offset is in UTC.

    An offset is `Z`, `UTC`, `+02`, `+0200` or `+02:00`. 24:00 is the end of a day. Fractions of a second are cut to six
    digits.

    Raises:
        ValueError: the text has another form, or the day or time does not exist.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{_shorten(text)!r} is not a date or time; write {ALLOWED}")
    year, month, day, hour, rest, offset = match.groups()
    iso = f"{year}-{month:0>2}-{day:0>2}"
    if hour is not None:
        iso += f"T{hour:0>2}{rest}{'Z' if offset in (None, 'UTC') else offset}"
    try:
        moment: datetime = _ISO.isoparse(iso)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_shorten(text)!r} {CALENDAR} ({error})") from None


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def canonical_datetime(text: str) -> str:
    """Return the only canonical form of a moment: `2016-01-01`, or with a time `2016-01-01T09:30:00+00:00`."""
    moment = parse_datetime(text)
    return moment.isoformat().removesuffix("T00:00:00+00:00")


FORM = (
    r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?( ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?\s*$"
)
"""The same form for a JSON Schema; a pattern cannot say whether the day exists."""

NOW: Final = "now"
"""What plans may write for some moments; each run pins when it was triggered."""

FORM_OR_NOW: Final = rf"{FORM}|^\s*{NOW}\s*$"
"""The form of those moments in plans."""

LONGEST_MOMENT: Final = 60

DatetimeStr = Annotated[str, Field(max_length=LONGEST_MOMENT), AfterValidator(canonical_datetime)]
"""An option that is a moment, kept as text in canonical form."""
