"""All permutations of a plan's blocks: counted, excluded and drawn from without being listed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, product
from math import prod

from pipeline.components import Component
from pipeline.plans.axis import Axis, Numbering, Part, Side
from pipeline.plans.blocks import Block
from pipeline.plans.boxes import Box, Restriction, intersect, subtract_all, weigh
from pipeline.plans.exclude import Rule

MAX_PIECES = 20_000

Permutation = tuple[Part, ...]
"""A part of each section."""


class TooManyPiecesError(Exception):
    """The rules cut the permutations into more pieces than are kept apart."""


@dataclass(frozen=True)
class Cell:
    """Permutations of one combination of blocks, a side for each section. No two cells share a definition."""

    sides: tuple[Side, ...]

    @property
    def count(self) -> int:
        """How many permutations there are."""
        return prod(side.count for side in self.sides)

    def list_permutations(self) -> Iterator[Permutation]:
        """Yield them in the plan's order, the last section changing fastest."""
        return product(*([*side.list_parts()] for side in self.sides))

    def pick(self, index: int) -> Permutation:
        """Return the one at a place in that order."""
        parts = []
        for side in reversed(self.sides):
            index, place = divmod(index, side.count)
            parts.append(side.pick(place))
        return tuple(reversed(parts))


class Space:
    """The permutations that a plan means.

    Args:
        sections: the blocks of each section.
        rules: what is excluded, the first rule first.

    Attributes:
        permutations: how many there are, equal ones counted as often as the plan means them.
        excluded: how many of them each rule drops; one that several rules match counts for the first.
        matched: how many each rule matches, dropped by an earlier one or not.
        cells: what is left, every definition once.
        definitions: how many that are.

    Raises:
        TooManyPiecesError: the rules are too many, over too many options, to be counted.
    """

    def __init__(self, sections: Sequence[Sequence[Block]], rules: Sequence[Rule]) -> None:
        numbering = Numbering()
        self.axes = [[Axis(block, numbering, rules) for block in blocks] for blocks in sections]
        self.permutations = prod(sum(axis.permutations for axis in axes) for axes in self.axes)
        self.excluded = [0] * len(rules)
        self.matched = [0] * len(rules)
        if rules:
            self._count_excluded()
        self.cells = [*self._find_cells()]
        self.definitions = sum(cell.count for cell in self.cells)

    @property
    def repeated(self) -> int:
        """How many permutations are neither excluded nor the first to mean their definition."""
        return self.permutations - sum(self.excluded) - self.definitions

    def axis(self, section: int, part: Part) -> Axis:
        """Return the block that a section's part is of."""
        return self.axes[section][part.block]

    def list_permutations(self) -> Iterator[Permutation]:
        """Yield one permutation for every definition, in the plan's order."""
        return self._sort(chain.from_iterable(cell.list_permutations() for cell in self.cells))

    def draw(self, size: int, seed: int) -> Iterator[Permutation]:
        """Yield some of the same permutations, in the plan's order, each as likely as any other.

        The same seed draws the same; a larger sample holds the smaller ones.
        """
        ends = [*accumulate(cell.count for cell in self.cells)]
        drawn = sorted(draw_indexes(self.definitions, size, seed))
        picked, number = [], 0
        for index in drawn:
            while index >= ends[number]:
                number += 1
            cell = self.cells[number]
            picked.append(cell.pick(index - ends[number] + cell.count))
        return self._sort(picked)

    def list_parts(self, section: int, limit: int, wanted: Callable[[type[Component]], bool]) -> Iterator[Part]:
        """Yield the parts of a section that occur and whose class is wanted, the first `limit` that are looked at."""
        occurring = (cell.sides[section] for cell in self.cells)
        sides = {(side.number, side.box): side for side in occurring if wanted(side.axis.block.component)}
        found = chain.from_iterable(side.list_parts() for side in sides.values())
        return iter(dict.fromkeys(islice(found, limit)))

    def _sort(self, permutations: Iterator[Permutation] | list[Permutation]) -> Iterator[Permutation]:
        if len(self.cells) == 1:
            return iter(permutations)  # in order already
        ranks: dict[tuple[int, Part], tuple[int, ...]] = {}

        def rank(permutation: Permutation) -> list[tuple[int, tuple[int, ...]]]:
            for section, part in enumerate(permutation):
                if (section, part) not in ranks:
                    ranks[section, part] = self.axis(section, part).rank(part.choices)
            return [(part.block, ranks[section, part]) for section, part in enumerate(permutation)]

        return iter(sorted(permutations, key=rank))

    def _count_excluded(self) -> None:
        """Count with every block as the plan says it, so that what it means twice counts twice."""
        for axes in product(*self.axes):
            weights = [*chain.from_iterable(axis.weights for axis in axes)]
            boxes: list[Box] = [_join(axis.box for axis in axes)]
            for number, restriction in _restrict(axes):
                whole = intersect(_join(axis.box for axis in axes), restriction)
                self.matched[number] += weigh(whole, weights) if whole else 0
                parts = [part for box in boxes if (part := intersect(box, restriction))]
                self.excluded[number] += sum(weigh(part, weights) for part in parts)
                boxes = _limit(subtract_all(boxes, restriction))

    def _find_cells(self) -> Iterator[Cell]:
        """Yield what the rules leave of every combination of blocks that share no part."""
        pieces = 0
        for sides in product(*map(_separate, self.axes)):
            boxes = [_join(side.box for side in sides)]
            for _, restriction in _restrict([side.axis for side in sides]):
                boxes = _limit(subtract_all(boxes, restriction))
            pieces += len(boxes)
            if pieces > MAX_PIECES:
                raise TooManyPiecesError
            for box in boxes:
                yield Cell(tuple(_split(box, sides)))


def draw_indexes(count: int, size: int, seed: int) -> list[int]:
    """Return `size` different numbers below `count`, drawn by the first steps of a Fisher-Yates shuffle.

    The generator is SHA-256 over seed and step: the same numbers on every machine and version of Python. `count` has
    no limit but should stay below 2¹²⁸, beyond which some numbers are likelier than others.
    """
    moved: dict[int, int] = {}
    drawn = []
    for step in range(min(size, count)):
        noise = hashlib.sha256(f"{seed}:{step}".encode()).digest()
        other = step + int.from_bytes(noise) % (count - step)
        drawn.append(moved.get(other, other))
        moved[other] = moved.get(step, step)
    return drawn


def _separate(axes: Sequence[Axis]) -> list[Side]:
    """Return what each block adds to the earlier ones of its class."""
    sides: list[Side] = []
    # for each option of a class, and each of its values, the blocks that try it: most blocks share no definition
    trying: dict[tuple[type[Component], int], dict[int, list[Axis]]] = {}
    for number, axis in enumerate(axes):
        boxes = [axis.box]
        columns = [trying.setdefault((axis.block.component, each), {}) for each in range(len(axis.box))]
        meeting: list[list[Axis]] = [
            [earlier for choice in choices for earlier in column.get(choice, [])]
            for column, choices in zip(columns, axis.box, strict=True)
        ]
        # a class without options has one part, which every earlier block of it has too
        alike = [] if meeting else [each for each in axes[:number] if each.block.component is axis.block.component]
        fewest = min(meeting, key=lambda each: len(each), default=alike)
        for earlier in dict.fromkeys(fewest):
            boxes = _limit(subtract_all(boxes, dict(enumerate(earlier.box))))
            if not boxes:
                break
        if not boxes:
            continue  # what is equal to earlier blocks takes nothing more from later ones
        for column, choices in zip(columns, axis.box, strict=True):
            for choice in choices:
                column.setdefault(choice, []).append(axis)
        sides += (Side(number, axis, box) for box in boxes)
    return sides


def _restrict(axes: Sequence[Axis]) -> Iterator[tuple[int, Restriction]]:
    """Yield each rule that means something of a combination of blocks, as a restriction of its box."""
    starts = [0, *accumulate(len(axis.box) for axis in axes)]
    for number, restrictions in enumerate(zip(*(axis.restrictions for axis in axes), strict=True)):
        if None not in restrictions:
            yield (
                number,
                {
                    start + dimension: meant
                    for start, restriction in zip(starts, restrictions, strict=False)
                    for dimension, meant in restriction.items()
                },
            )


def _join(boxes: Iterator[Box]) -> Box:
    return tuple(chain.from_iterable(boxes))


def _split(box: Box, sides: Sequence[Side]) -> Iterator[Side]:
    start = 0
    for side in sides:
        end = start + len(side.box)
        yield Side(side.number, side.axis, box[start:end])
        start = end


def _limit(boxes: list[Box]) -> list[Box]:
    if len(boxes) > MAX_PIECES:
        raise TooManyPiecesError
    return boxes
