"""Times held as microseconds are what a list of datetimes is."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.examples.moments import Moments

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TIMES = [FIRST, datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2016, 1, 1, tzinfo=UTC), LAST]


@pytest.fixture
def moments() -> Moments:
    return Moments((time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for time in TIMES)


def test_each_moment_is_its_datetime_in_utc(moments: Moments) -> None:
    assert list(moments) == [moments[place] for place in range(4)] == TIMES
    assert (moments[0], moments[-1]) == (FIRST, LAST)
    assert moments[-1].tzinfo is UTC


def test_slices_are_moments_too(moments: Moments) -> None:
    assert isinstance(moments[1:3], Moments)
    assert moments[1:3] == TIMES[1:3]
    assert moments[::-2] == TIMES[::-2]


def test_moments_equal_what_holds_the_same_datetimes(moments: Moments) -> None:
    assert moments == moments[:]
    assert moments == TIMES
    assert moments == tuple(TIMES)
    assert moments != TIMES[:3]
    assert moments != [*TIMES[:3], FIRST]
    assert moments != moments[1:]
    assert moments != "four"


def test_some_places_are_taken_without_making_datetimes(moments: Moments) -> None:
    assert isinstance(moments.take([1, 3]), Moments)
    assert moments.take([1, 3]) == [TIMES[1], TIMES[3]]


def test_place_beyond_the_last_is_refused(moments: Moments) -> None:
    with pytest.raises(IndexError):
        moments[4]


def test_moments_are_told_in_a_line(moments: Moments) -> None:
    assert repr(moments[2:3]) == "<1 moments, 2016-01-01T00:00:00+00:00 to 2016-01-01T00:00:00+00:00>"
    assert repr(Moments([])) == "<0 moments>"
