"""The times of many examples."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import eq
from typing import overload

from pipeline.examples.identity import EPOCH


class Moments(Sequence[datetime]):
    """Datetimes in UTC, stored as microseconds since 1970 in eight bytes each; a datetime is made on access."""

    __slots__ = ("microseconds",)

    def __init__(self, microseconds: Iterable[int]) -> None:
        self.microseconds = array("q", microseconds)

    def __len__(self) -> int:
        return len(self.microseconds)

    @overload
    def __getitem__(self, place: int) -> datetime: ...
    @overload
    def __getitem__(self, place: slice) -> "Moments": ...
    def __getitem__(self, place: int | slice) -> "datetime | Moments":
        if isinstance(place, slice):
            return Moments(self.microseconds[place])
        return _to_datetime(self.microseconds[place])

    def take(self, places: Iterable[int]) -> "Moments":
        """Return the moments at these positions."""
        return Moments(map(self.microseconds.__getitem__, places))

    def __iter__(self) -> Iterator[datetime]:
        return map(_to_datetime, self.microseconds)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Moments):
            return self.microseconds == other.microseconds
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of any list

    def __repr__(self) -> str:
        told = f", {self[0].isoformat()} to {self[-1].isoformat()}" if self else ""
        return f"<{len(self)} moments{told}>"


def _to_datetime(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
