"""A block as a box of numbered choices."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from pipeline.components.options import canonical_json
from pipeline.plans.blocks import Block
from pipeline.plans.boxes import Box, Restriction, count, weigh
from pipeline.plans.exclude import Rule


class Numbering:
    """One number for each value of each option of each class: equal values have equal numbers in all blocks."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], dict[str, int]] = {}

    def of(self, block: Block, option: str) -> dict[str, int]:
        """Return the numbers of an option's values so far, by canonical text."""
        return self._numbers.setdefault((block.component.name, option), {})


class Axis:
    """A block as a box, one dimension an option.

    Attributes:
        box: its choices, by number.
        weights: for each dimension, how often the block gives each choice.
        restrictions: what each rule means of this block, or nothing where it means none of it.
    """

    def __init__(self, block: Block, numbering: Numbering, rules: Sequence[Rule]) -> None:
        self.block = block
        self._numbers = [numbering.of(block, option) for option in block.choices]
        self._values: list[dict[int, Any]] = []
        self.weights: list[dict[int, int]] = []
        for numbers, values in zip(self._numbers, block.choices.values(), strict=True):
            numbered = [(numbers.setdefault(canonical_json(value), len(numbers)), value) for value in values]
            self._values.append(dict(numbered))
            self.weights.append(Counter(number for number, _ in numbered))
        self._ranks = [{choice: rank for rank, choice in enumerate(values)} for values in self._values]
        self.box: Box = tuple(map(frozenset, self._values))
        self.permutations = weigh(self.box, self.weights)
        self.restrictions = [self._restrict(rule) for rule in rules]

    def _restrict(self, rule: Rule) -> Restriction | None:
        meant = rule.restrict(self.block)
        if meant is None:
            return None
        return {
            dimension: frozenset(numbers[text] for text in meant[option] if text in numbers)
            for dimension, (numbers, option) in enumerate(zip(self._numbers, self.block.choices, strict=True))
            if option in meant
        }

    def sort(self, box: Box) -> list[list[int]]:
        """Return the choices of each dimension in the order in which the plan says them."""
        return [sorted(choices, key=ranks.__getitem__) for choices, ranks in zip(box, self._ranks, strict=True)]

    def values(self, box: Box) -> dict[str, list[Any]]:
        """Return for each option the values that a box means, in canonical form."""
        columns = zip(self.block.choices, self._values, self.sort(box), strict=True)
        return {option: [values[choice] for choice in choices] for option, values, choices in columns}

    def rank(self, choices: tuple[int, ...]) -> tuple[int, ...]:
        """Return the places of choices in the plan, by which they sort."""
        return tuple(ranks[choice] for choice, ranks in zip(choices, self._ranks, strict=True))

    def options(self, choices: tuple[int, ...]) -> dict[str, Any]:
        """Return the options that choices stand for, in canonical form."""
        columns = zip(self.block.choices, self._values, choices, strict=True)
        return {option: values[choice] for option, values, choice in columns}


class Part(NamedTuple):
    """One choice for every option of one of a section's blocks: a section of a definition."""

    block: int
    choices: tuple[int, ...]


@dataclass(frozen=True)
class Side:
    """Some of the parts that one block means: a section of a cell.

    Args:
        number: the block's place among its section's.
        axis: the block as a box.
        box: which of its choices are meant.
    """

    number: int
    axis: Axis
    box: Box

    @property
    def count(self) -> int:
        """How many parts there are."""
        return count(self.box)

    def list_parts(self) -> Iterator[Part]:
        """Yield the parts in the plan's order, the last option changing fastest."""
        return (Part(self.number, choices) for choices in product(*self.axis.sort(self.box)))

    def pick(self, index: int) -> Part:
        """Return the part at a place in that order."""
        choices = []
        for dimension in reversed(self.axis.sort(self.box)):
            index, place = divmod(index, len(dimension))
            choices.append(dimension[place])
        return Part(self.number, tuple(reversed(choices)))
