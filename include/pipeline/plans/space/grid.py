"""A block of a plan as a grid, and the points of the grid."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from pipeline.components import Component
from pipeline.components.options import canonical_json
from pipeline.plans.blocks import Block
from pipeline.plans.rule import Rule
from pipeline.plans.space.boxes import Box, Restriction, weigh

Numbers = defaultdict[tuple[type[Component], str], dict[str, int]]
"""For each option of each class, the number of each value, by the value's canonical JSON."""


class Grid:
    """A block as a grid: one axis for each option, and on it the values to try, as numbers.

    Equal values of an option have equal numbers in all blocks of a class, so that their boxes can be compared.

    Args:
        number: the place of the block in its section.
        block: the block.
        numbers: the numbers given so far; those of new values are added.
        rules: the rules of the plan.

    Attributes:
        box: the whole grid.
        weights: for each axis, how often the block lists each number.
        permutations: how many points the grid has, equal ones counted as often as the block lists them.
        restrictions: what each rule matches in this grid; None for a rule that matches no point of it.
    """

    def __init__(self, number: int, block: Block, numbers: Numbers, rules: Sequence[Rule]) -> None:
        self.number = number
        self.block = block
        self._numbers = [numbers[block.component, option] for option in block.choices]
        self._values: list[dict[int, Any]] = []
        self.weights: list[dict[int, int]] = []
        for known, values in zip(self._numbers, block.choices.values(), strict=True):
            numbered = [(known.setdefault(canonical_json(value), len(known)), value) for value in values]
            self._values.append(dict(numbered))
            self.weights.append(Counter(number for number, _ in numbered))
        self._places = [{number: place for place, number in enumerate(values)} for values in self._values]
        self.box: Box = tuple(map(frozenset, self._values))
        self.permutations = weigh(self.box, self.weights)
        self.restrictions = [self._restrict(rule) for rule in rules]

    def list_points(self, box: Box) -> Iterator["Point"]:
        """Yield the points of a box in the plan's order, the last option changing fastest."""
        return (Point(self, numbers) for numbers in product(*self._sort(box)))

    def pick(self, box: Box, index: int) -> "Point":
        """Return the point at an index of `list_points` without listing those before it."""
        numbers = []
        for axis in reversed(self._sort(box)):
            index, place = divmod(index, len(axis))
            numbers.append(axis[place])
        return Point(self, tuple(reversed(numbers)))

    def list_values(self, box: Box) -> dict[str, list[Any]]:
        """Return for each option the values in a box, in canonical form and in the plan's order."""
        axes = zip(self.block.choices, self._values, self._sort(box), strict=True)
        return {option: [values[number] for number in numbers] for option, values, numbers in axes}

    def find_options(self, numbers: tuple[int, ...]) -> dict[str, Any]:
        """Return the options that numbers, one for each axis, represent, in canonical form."""
        axes = zip(self.block.choices, self._values, numbers, strict=True)
        return {option: values[number] for option, values, number in axes}

    def find_places(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """Return the place of each of these numbers, one for each axis, in the lists of the plan."""
        return tuple(places[number] for number, places in zip(numbers, self._places, strict=True))

    def _sort(self, box: Box) -> list[list[int]]:
        return [sorted(numbers, key=places.__getitem__) for numbers, places in zip(box, self._places, strict=True)]

    def _restrict(self, rule: Rule) -> Restriction | None:
        meant = rule.restrict(self.block)
        if meant is None:
            return None
        return {
            axis: frozenset(known[text] for text in meant[option] if text in known)
            for axis, (known, option) in enumerate(zip(self._numbers, self.block.choices, strict=True))
            if option in meant
        }


class Point(NamedTuple):
    """One value for each option of a block: one section of a definition."""

    grid: Grid
    numbers: tuple[int, ...]

    @property
    def block(self) -> Block:
        """The block of the plan that it is in."""
        return self.grid.block

    @property
    def options(self) -> dict[str, Any]:
        """Its value of each option, in canonical form."""
        return self.grid.find_options(self.numbers)

    @property
    def rank(self) -> tuple[int, tuple[int, ...]]:
        """The key that sorts the points of a section into the plan's order."""
        return self.grid.number, self.grid.find_places(self.numbers)
