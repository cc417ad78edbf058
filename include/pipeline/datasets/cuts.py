"""Cuts by time that fall among examples of the same time, where a random draw decides which side each is on."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import NamedTuple

from pipeline.examples.example import ExampleSet


class Cut(NamedTuple):
    """A cut among examples of the same time, with the number of them on each side.

    If 150 examples share one time and the oldest 70 % train, 105 are on the older side and 45 on the newer.
    """

    moment: datetime
    older: int
    newer: int


def find_cut(examples: ExampleSet, place: int) -> Cut | None:
    """Return the cut before the example at `place`, or None if it does not separate examples of the same time."""
    moments = examples.occurred_at
    if not 0 < place < len(moments) or moments[place - 1] != moments[place]:
        return None
    moment = moments[place]
    return Cut(moment, place - bisect_left(moments, moment), bisect_right(moments, moment) - place)
