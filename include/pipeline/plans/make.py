"""The components of a plan's definitions, made from points of its space."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from pipeline.components import Component
from pipeline.datasets.base import Dataset
from pipeline.errors import OptionError
from pipeline.models.base import Model
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.incompatible import MODEL
from pipeline.plans.space import Permutation, Point, Space
from pipeline.plans.wording import count_of

MOST_POINTS = 10_000
"""How many points of a section are tried if a plan is refused for its size, or if a sample is drawn from it."""

FIX_OR_EXCLUDE = 'fix it, or drop such permutations with "exclude"'


class ComponentMaker:
    """Makes each component of a space once, and remembers which rules across options were broken.

    Such a rule, for example "the end comes after the start", is a model validator of the class: only the class knows
    whether options that are right by themselves are right together.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._made: dict[Point, Component | None] = {}
        self._broken: dict[tuple[str, str], OptionError] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def make_some(self, most: int = MOST_POINTS) -> None:
        """Make the datasets, and the components that can break a rule; at most `most` of each section."""
        for section in range(self._space.sections):
            for point in self._space.list_points(section, most, _may_break_rule):
                self._make(point)

    def make_models(self) -> Iterator[Model]:
        """Yield the models of the space, at most `MOST_POINTS`, without those that break a rule."""
        for point in self._space.list_points(MODEL, MOST_POINTS, lambda _: True):
            made = self._make(point)
            if isinstance(made, Model):
                yield made

    def define(self, permutation: Permutation) -> Definition | None:
        """Return the definition of a permutation, or None if one of its components breaks a rule."""
        made: list[Any] = [self._make(point) for point in permutation]
        return Definition(*made) if all(made) else None

    @property
    def findings(self) -> list[Finding]:
        """The rules that were broken so far: each once per block, with the first point that breaks it."""
        return [
            Finding(f"{path}.options", _describe(error, self._counts[path, rule]), error.allowed, FIX_OR_EXCLUDE)
            for (path, rule), error in self._broken.items()
        ]

    @property
    def datasets(self) -> list[tuple[str, Dataset]]:
        """The datasets that were made, each with the path of its block."""
        return [(point.block.path, made) for point, made in self._made.items() if isinstance(made, Dataset)]

    def _make(self, point: Point) -> Component | None:
        if point not in self._made:
            component, options = point.block.component, point.options
            try:
                self._made[point] = component(**options)
            except OptionError as error:
                self._made[point] = None
                broken = (point.block.path, _find_rule(component, options))
                self._counts[broken] += 1
                self._broken.setdefault(broken, error)
        return self._made[point]


def _may_break_rule(component: type[Component]) -> bool:
    return issubclass(component, Dataset) or component.Options.has_rules()


def _find_rule(component: type[Component], options: dict[str, Any]) -> str:
    """Return the name of the first rule that options break."""
    try:
        component.Options.model_validate(options)
    except ValidationError as error:
        return error.errors(include_url=False)[0]["type"]
    return ""


def _describe(error: OptionError, count: int) -> str:
    return error.what if count == 1 else f"{error.what}; so in {count_of(count, 'permutation')} of this block"
