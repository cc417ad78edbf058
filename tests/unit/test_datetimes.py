"""Moments as people write them."""

from datetime import UTC, datetime

import pytest

from pipeline.datetimes import canonical_datetime, parse_datetime


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-1-1", datetime(2016, 1, 1, tzinfo=UTC)),
        (" 2016-01-01 ", datetime(2016, 1, 1, tzinfo=UTC)),
        ("2016-1-1 9:30", datetime(2016, 1, 1, 9, 30, tzinfo=UTC)),
        ("2016-01-01T09:30:15Z", datetime(2016, 1, 1, 9, 30, 15, tzinfo=UTC)),
        ("2016-01-01T09:30:15.25+02:00", datetime(2016, 1, 1, 7, 30, 15, 250_000, tzinfo=UTC)),
        ("2016-01-01 09:30:00+00", datetime(2016, 1, 1, 9, 30, tzinfo=UTC)),
        ("2016-01-01 09:30:00.5-03", datetime(2016, 1, 1, 12, 30, 0, 500_000, tzinfo=UTC)),
        ("2016-01-01 09:30:00,5 UTC", datetime(2016, 1, 1, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2016-01-01T09:30:00.123456789Z", datetime(2016, 1, 1, 9, 30, 0, 123_456, tzinfo=UTC)),
        ("2016-01-01T24:00", datetime(2016, 1, 2, tzinfo=UTC)),
        ("2016-01-01 00:30 -0330", datetime(2016, 1, 1, 4, 0, tzinfo=UTC)),
    ],
)
def test_moments_are_read(text: str, moment: datetime) -> None:
    assert parse_datetime(text) == moment
    assert parse_datetime(canonical_datetime(text)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2016-2-30",
        "2016-13-1",
        "1/2/2016",
        "2016-1-1T25:00",
        "٢٠١٦-1-1",
        "0001-01-01T00:00+14:00",
        "2016-1-1T00:00+99:00",
        "2016-01-01T09:30+02:75",
        "2016-01-01T09:30+0260",
        "2016-01-01T24:01",
        "9999-12-31T24:00",
        "01/02/2016",
        "1451606400",
        "20160101",
        "2016-W01-1",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date or time|does not exist in the calendar"):
        parse_datetime(text)
