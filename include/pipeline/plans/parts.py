"""Whether the parts of a plan's definitions can be made, and can work together."""

from collections import Counter
from typing import Any

from pydantic import ValidationError

from pipeline.components import Component
from pipeline.datasets.base import Dataset
from pipeline.errors import OptionError
from pipeline.models import models
from pipeline.plans.axis import Part, Side
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.space import Permutation, Space
from pipeline.plans.wording import count_of, join

# Of a plan that is refused for its size, or that is only drawn from, so many parts of a section are looked at.
MOST_PARTS = 10_000
DROP_WITH_EXCLUDE = 'mend it, or drop such permutations with "exclude"'


class Parts:
    """The components of a space, each made once; those that break a rule across options are remembered."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._made: dict[tuple[int, Part], Component | None] = {}
        self._broken: dict[tuple[str, str], OptionError] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def look(self, most: int = MOST_PARTS) -> None:
        """Make the datasets that occur, and what a rule across options may break, so many of each section at most."""
        for section in range(len(self._space.axes)):
            for part in self._space.list_parts(section, most, _is_worth_a_look):
                self._make(section, part)

    def define(self, permutation: Permutation) -> Definition | None:
        """Return the definition of a permutation, or nothing where one of its parts cannot be made."""
        made: list[Any] = [self._make(section, part) for section, part in enumerate(permutation)]
        return Definition(*made) if all(made) else None

    @property
    def findings(self) -> list[Finding]:
        """What was broken so far: each rule once a block, with the first permutation that breaks it."""
        return [
            Finding(f"{path}.options", _tell(error, self._counts[path, rule]), error.allowed, DROP_WITH_EXCLUDE)
            for (path, rule), error in self._broken.items()
        ]

    @property
    def datasets(self) -> list[tuple[str, Dataset]]:
        """The datasets that were made, each behind the path of its block."""
        return [
            (self._space.axis(section, part).block.path, component)
            for (section, part), component in self._made.items()
            if isinstance(component, Dataset)
        ]

    def _make(self, section: int, part: Part) -> Component | None:
        key = (section, part)
        if key not in self._made:
            axis = self._space.axis(section, part)
            options = axis.options(part.choices)
            try:
                self._made[key] = axis.block.component(**options)
            except OptionError as error:
                self._made[key] = None
                broken = (axis.block.path, _rule_of(axis.block.component, options))
                self._counts[broken] += 1
                self._broken.setdefault(broken, error)
        return self._made[key]


def find_misfits(space: Space) -> list[Finding]:
    """Return a finding for each adapter that occurs with a model that cannot learn from what it gives."""
    found: dict[tuple[str, str], Finding] = {}
    for cell in space.cells:
        adapter, model = (side.axis.block for side in cell.sides[1:])
        key = (adapter.component.name, model.component.name)
        if key not in found and _misfit(cell.sides[1], model.component):
            others = [name for name, other in models.classes.items() if other.takes_negative]
            found[key] = Finding(
                f"{model.path}.name",
                f"{key[1]} takes no negative features, and {key[0]} ({adapter.path}) gives such",
                f"with this adapter one of {join(others)}",
                'choose another, or drop the pair with "exclude": '
                f'[{{"adapter.name": "{key[0]}", "model.name": "{key[1]}"}}]',
            )
    return list(found.values())


def _is_worth_a_look(component: type[Component]) -> bool:
    return issubclass(component, Dataset) or component.Options.has_rules()


def _misfit(side: Side, model: Any) -> bool:
    adapter: Any = side.axis.block.component
    if model.takes_negative or not adapter.gives_negative:
        return False
    return bool(adapter.can_give_negative(side.axis.values(side.box)))


def _rule_of(component: type[Component], options: dict[str, Any]) -> str:
    """Return the name of the first rule that options break."""
    try:
        component.Options.model_validate(options)
    except ValidationError as error:
        return error.errors(include_url=False)[0]["type"]
    return ""


def _tell(error: OptionError, count: int) -> str:
    return error.what if count == 1 else f"{error.what}; so in {count_of(count, 'permutation')} of this block"
