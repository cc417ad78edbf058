"""Boxes of numbers, and what is left of one when a part of it is removed. Points are never listed here.

A box has a set of numbers on each of its axes and contains every point that takes one number from each. So
`(frozenset({1, 2, 3}), frozenset({7, 8}))` contains six points. Remove those with 2 on the first axis and 8 on the
second, `{0: frozenset({2}), 1: frozenset({8})}`, and two boxes without a common point are left:

         7   8
    1    a   a        a: ({1, 3}, {7, 8})
    2    b   .        b: ({2}, {7})
    3    a   a

The time that this takes grows with the number of boxes, not with the number of points.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

MAX_BOXES = 20_000

Box = tuple[frozenset[int], ...]
Restriction = Mapping[int, frozenset[int]]
"""The numbers that are meant on some axes, by the axis in ascending order; on the other axes, all numbers are."""


class TooManyBoxesError(Exception):
    """More than `MAX_BOXES` boxes are left."""


def count(box: Box) -> int:
    """Return how many points a box contains."""
    return prod(map(len, box))


def weigh(box: Box, weights: Sequence[dict[int, int]]) -> int:
    """Return how many points a box holds if each number counts as often as the weights of its axis say."""
    return prod(sum(weight[number] for number in numbers) for numbers, weight in zip(box, weights, strict=True))


def intersect(box: Box, restriction: Restriction) -> Box | None:
    """Return the part of a box that a restriction means, or None if it is empty."""
    if any(box[axis].isdisjoint(meant) for axis, meant in restriction.items()):
        return None
    part = [*box]
    for axis, meant in restriction.items():
        part[axis] &= meant
    return tuple(part)


def subtract(box: Box, restriction: Restriction) -> list[Box]:
    """Return a box without the part that a restriction means, as boxes that have no point in common."""
    part = intersect(box, restriction)
    if part is None:
        return [box]
    # the box made for an axis lies inside the part on the axes before it, and outside of the part on its own
    return [(*part[:axis], outside, *box[axis + 1 :]) for axis in restriction if (outside := box[axis] - part[axis])]


def subtract_all(boxes: Iterable[Box], restriction: Restriction) -> list[Box]:
    """Return several boxes without what a restriction means.

    Raises:
        TooManyBoxesError: more than `MAX_BOXES` are left.
    """
    left = [each for box in boxes for each in subtract(box, restriction)]
    if len(left) > MAX_BOXES:
        raise TooManyBoxesError
    return left
