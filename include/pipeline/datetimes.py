"""Moments as people write them: `2016-1-1`, `2016-01-01T09:30`, `2016-01-01 09:30:00+02:00`, `…Z`."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, Field

_PATTERN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
ALLOWED = "year-month-day, with or without a time and an offset, such as 2016-1-1 or 2016-01-01T09:30+02:00"


def parse_datetime(text: str) -> datetime:
    """Return the moment in UTC; a text without an offset is in UTC already.

    Raises:
        ValueError: not of that form, or no such day or time.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{_shorten(text)!r} is not a date or time; write {ALLOWED}")
    part = match.groupdict()
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int((part["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=_parse_offset(part["offset"]),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_shorten(text)!r} is no moment in the calendar ({error})") from None


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _parse_offset(offset: str | None) -> timezone:
    if offset is None or offset == "Z":
        return UTC
    distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-distance if offset[0] == "-" else distance)


def canonical_datetime(text: str) -> str:
    """Return the moment's one canonical form: `2016-01-01`, or with a time `2016-01-01T09:30:00+00:00`."""
    moment = parse_datetime(text)
    return moment.isoformat().removesuffix("T00:00:00+00:00")


FORM = (
    r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?\s*$"
)
"""The same for a JSON Schema, as far as a pattern can say it: whether there is such a day it cannot."""

DatetimeStr = Annotated[str, Field(max_length=60), AfterValidator(canonical_datetime)]
"""An option that is a moment, kept as text in canonical form."""
