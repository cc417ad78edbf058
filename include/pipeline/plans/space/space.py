"""All permutations of a plan: counted, excluded and drawn from without being listed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, product
from math import prod
from typing import Any

from pipeline.components import Component
from pipeline.plans.blocks import Block
from pipeline.plans.rule import Rule
from pipeline.plans.space.boxes import (
    MAX_BOXES,
    Box,
    Restriction,
    TooManyBoxesError,
    count,
    intersect,
    subtract_all,
    weigh,
)
from pipeline.plans.space.draw import draw_indexes
from pipeline.plans.space.grid import Grid, Numbers, Point
from pipeline.plans.space.overlaps import separate

Permutation = tuple[Point, ...]
"""A point of each section: what one definition is made from."""


@dataclass(frozen=True)
class Piece:
    """A part of the space: for each section, a box in one of its grids. Its permutations take a point of each box."""

    grids: tuple[Grid, ...]
    boxes: tuple[Box, ...]

    @property
    def count(self) -> int:
        """How many permutations it has."""
        return prod(map(count, self.boxes))

    def block(self, section: int) -> Block:
        """Return the block that a section's points are in."""
        return self.grids[section].block

    def list_values(self, section: int) -> dict[str, list[Any]]:
        """Return the values of each option of a section, in canonical form."""
        return self.grids[section].list_values(self.boxes[section])

    def list_permutations(self) -> Iterator[Permutation]:
        """Yield the permutations in the plan's order, the last section changing fastest."""
        return product(*(grid.list_points(box) for grid, box in zip(self.grids, self.boxes, strict=True)))

    def pick(self, index: int) -> Permutation:
        """Return the permutation at an index of `list_permutations`, without listing those before it."""
        points = []
        for grid, box in zip(reversed(self.grids), reversed(self.boxes), strict=True):
            index, place = divmod(index, count(box))
            points.append(grid.pick(box, place))
        return tuple(reversed(points))


class Space:
    """The permutations of a plan.

    An example: a plan has one dataset, one model, two blocks of one adapter class, and one rule.

        "adapter": [{"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100, 200], "window": [3, 5]}},
                    {"name": "Word2VecAdapter", "options": {"sequence_length": [200, 400], "window": [5, 8]}}],
        "exclude": [{"adapter.options.sequence_length": 100, "adapter.options.window": 5}]

    Each block is a *grid*. It has an axis for each option, and its *points* are the ways to choose one value from each
    axis. Left: which block has a point, 0 or 1, and x for the point that the rule excludes. Right: what is left, in
    four *pieces*, a to d.

                            window                                 window
                           3   5   8                              3   5   8
        sequence_length                        sequence_length
                     50    0   0                            50    a   a
                    100    0   x                           100    b
                    200    0  0,1  1                       200    a   a   d
                    400        1   1                       400        c   c

    The point (200, 5) is in both blocks and is kept in the first only. A piece is a *box*, a set of values for each
    axis: a is {50, 200} × {3, 5}, and b is {100} × {3}. A piece has such a box for every section, here also for the
    dataset and for the model; their single points multiply each count by 1. So this space has 10 `permutations`: 1 is
    `excluded`, 1 is `repeated`, and 8 are `definitions`.

    Rules and blocks cut boxes into boxes, so that the work grows with the number of pieces and not with the number of
    permutations: 10¹² of these are counted as fast as ten.

    Args:
        sections: the blocks of each section.
        rules: what is excluded, the first rule first.

    Attributes:
        permutations: how many there are, equal ones counted as often as the plan lists them.
        excluded: how many of them each rule drops; one that several rules match counts for the first of these.
        matched: how many each rule matches, dropped by an earlier rule or not.
        pieces: the rest, each definition once.
        definitions: how many permutations the pieces have.

    Raises:
        TooManyBoxesError: blocks and rules cut the permutations into more than `MAX_BOXES` pieces.
    """

    def __init__(self, sections: Sequence[Sequence[Block]], rules: Sequence[Rule]) -> None:
        numbers: Numbers = defaultdict(dict)
        self._grids = [
            [Grid(number, block, numbers, rules) for number, block in enumerate(blocks)] for blocks in sections
        ]
        self.permutations = prod(sum(grid.permutations for grid in grids) for grids in self._grids)
        self.excluded = [0] * len(rules)
        self.matched = [0] * len(rules)
        if rules:
            self._count_excluded()
        self.pieces = [*self._find_pieces()]
        self.definitions = sum(piece.count for piece in self.pieces)

    @property
    def repeated(self) -> int:
        """How many permutations are neither excluded nor the first to mean their definition."""
        return self.permutations - sum(self.excluded) - self.definitions

    @property
    def sections(self) -> int:
        """How many sections there are."""
        return len(self._grids)

    def list_permutations(self) -> Iterator[Permutation]:
        """Yield one permutation for each definition, in the plan's order."""
        return self._sort(chain.from_iterable(piece.list_permutations() for piece in self.pieces))

    def draw(self, size: int, seed: int) -> Iterator[Permutation]:
        """Yield some of these permutations, in the plan's order, each as likely as any other.

        The same seed draws the same; a larger sample holds the smaller ones.
        """
        ends = [*accumulate(piece.count for piece in self.pieces)]
        drawn = sorted(draw_indexes(self.definitions, size, seed))
        picked, number = [], 0
        for index in drawn:
            while index >= ends[number]:
                number += 1
            piece = self.pieces[number]
            picked.append(piece.pick(index - ends[number] + piece.count))
        return self._sort(picked)

    def list_points(self, section: int, most: int, wanted: Callable[[type[Component]], bool]) -> Iterator[Point]:
        """Yield points that definitions have in a section, at most `most`, of the classes that are wanted."""
        # a dict, because pieces that differ in another section share the box of this one
        boxes = {
            (grid, box): None
            for grid, box in ((piece.grids[section], piece.boxes[section]) for piece in self.pieces)
            if wanted(grid.block.component)
        }
        found = chain.from_iterable(grid.list_points(box) for grid, box in boxes)
        return iter(dict.fromkeys(islice(found, most)))

    def _sort(self, permutations: Iterable[Permutation]) -> Iterator[Permutation]:
        if len(self.pieces) == 1:
            return iter(permutations)  # in order already
        ranks: dict[Point, tuple[int, tuple[int, ...]]] = {}

        def rank(permutation: Permutation) -> list[tuple[int, tuple[int, ...]]]:
            for point in permutation:
                if point not in ranks:
                    ranks[point] = point.rank
            return [ranks[point] for point in permutation]

        return iter(sorted(permutations, key=rank))

    def _count_excluded(self) -> None:
        """Count with every block as the plan has it: what it lists twice counts twice."""
        for grids in product(*self._grids):
            weights = [*chain.from_iterable(grid.weights for grid in grids)]
            whole = _join(grid.box for grid in grids)
            boxes = [whole]
            for number, restriction in _list_restrictions(grids):
                matched = intersect(whole, restriction)
                self.matched[number] += weigh(matched, weights) if matched else 0
                dropped = [part for box in boxes if (part := intersect(box, restriction))]
                self.excluded[number] += sum(weigh(part, weights) for part in dropped)
                boxes = subtract_all(boxes, restriction)

    def _find_pieces(self) -> Iterator[Piece]:
        """Yield what the rules leave of every combination of boxes, one of each section."""
        pieces = 0
        for combination in product(*map(separate, self._grids)):
            grids = tuple(grid for grid, _ in combination)
            boxes = [_join(box for _, box in combination)]
            for _, restriction in _list_restrictions(grids):
                boxes = subtract_all(boxes, restriction)
            pieces += len(boxes)
            if pieces > MAX_BOXES:
                raise TooManyBoxesError
            ends = [*accumulate(len(grid.box) for grid in grids)]
            for box in boxes:
                yield Piece(grids, tuple(box[start:end] for start, end in zip([0, *ends], ends, strict=False)))


def _list_restrictions(grids: Sequence[Grid]) -> Iterator[tuple[int, Restriction]]:
    """Yield each rule that matches in a combination of grids, by its number, as a restriction of their joined box."""
    starts = [0, *accumulate(len(grid.box) for grid in grids)]
    for number, restrictions in enumerate(zip(*(grid.restrictions for grid in grids), strict=True)):
        if None not in restrictions:
            yield (
                number,
                {
                    start + axis: meant
                    for start, restriction in zip(starts, restrictions, strict=False)
                    for axis, meant in restriction.items()
                },
            )


def _join(boxes: Iterable[Box]) -> Box:
    return tuple(chain.from_iterable(boxes))
