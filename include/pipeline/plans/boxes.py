"""Products of choices, and what is left of them when others are taken away, without listing what is inside.

A box has one set of choices for each of its dimensions and stands for every way to choose one of each. Plans of any
size can so be counted, restricted and drawn from: the work grows with the number of boxes.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

Box = tuple[frozenset[int], ...]
Restriction = Mapping[int, frozenset[int]]
"""The choices that are meant of some dimensions, in the order of these; of the others all are."""


def count(box: Box) -> int:
    """Return how many ways of choosing a box stands for."""
    return prod(map(len, box))


def weigh(box: Box, weights: Sequence[dict[int, int]]) -> int:
    """Return the count of a box in which a choice counts as often as its dimension's weights say."""
    return prod(sum(weight[choice] for choice in choices) for choices, weight in zip(box, weights, strict=True))


def intersect(box: Box, restriction: Restriction) -> Box | None:
    """Return the part of a box that a restriction means, or nothing where there is none."""
    if any(box[number].isdisjoint(meant) for number, meant in restriction.items()):
        return None
    part = [*box]
    for number, meant in restriction.items():
        part[number] &= meant
    return tuple(part)


def subtract(box: Box, restriction: Restriction) -> list[Box]:
    """Return what is left of a box without the part that a restriction means, as boxes that share nothing."""
    part = intersect(box, restriction)
    if part is None:
        return [box]
    # the n-th piece lies inside the part in the dimensions before n, and outside of it in n
    return [
        (*part[:number], outside, *box[number + 1 :])
        for number in restriction
        if (outside := box[number] - part[number])
    ]


def subtract_all(boxes: Iterable[Box], restriction: Restriction) -> list[Box]:
    """Return what is left of several boxes."""
    return [piece for box in boxes for piece in subtract(box, restriction)]
