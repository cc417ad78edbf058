"""Where a cut by time falls among examples of one moment, so that something else than time decides between them."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import NamedTuple

from pipeline.examples.example import ExampleSet


class Cut(NamedTuple):
    """A cut among examples of one moment: how many of them are on its older side, and how many on the newer.

    Of 150 examples of the first of March the oldest 70 % train: 105 are on the older side, 45 on the newer.
    """

    moment: datetime
    older: int
    newer: int


def find_cut(examples: ExampleSet, place: int) -> Cut | None:
    """Return the cut before the example at `place`, or nothing where it parts no examples of one moment."""
    moments = examples.occurred_at
    if not 0 < place < len(moments) or moments[place - 1] != moments[place]:
        return None
    moment = moments[place]
    return Cut(moment, place - bisect_left(moments, moment), bisect_right(moments, moment) - place)
