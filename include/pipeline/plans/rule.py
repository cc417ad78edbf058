"""A rule that drops permutations: a partial match of definitions."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from pipeline.components.options import Option, canonical_json
from pipeline.plans.blocks import Block


@dataclass(frozen=True)
class Rule:
    """One rule: it drops every permutation that meets all of its conditions.

    Args:
        path: where it is in the plan: `exclude[0]`.
        written: the rule as the plan has it.
        names: for each section with a condition on its class, the names that meet it.
        values: for each section, and in it for each option with a condition, the values that meet it, as written.
    """

    path: str
    written: dict[str, Any]
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    values: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def restrict(self, block: Block) -> dict[str, frozenset[str]] | None:
        """Return what this rule matches in a block, or None if no permutation of the block can meet it.

        Returns:
            For each option with a condition, the canonical JSON of the values that meet it.
        """
        section, component = block.section, block.component
        if component.name not in self.names.get(section, {component.name}):
            return None
        options = component.options_by_name()
        meant = {}
        for name, values in self.values.get(section, {}).items():
            if name not in options:
                return None
            meant[name] = frozenset(canonical_json(each) for each in parse_all(options[name], values))
        return meant


def parse_all(option: Option, values: list[Any]) -> list[Any]:
    """Return the values that an option accepts, in canonical form; another class's option may accept the others."""
    found = []
    for value in values:
        try:
            found.append(option.parse(value))
        except (ValidationError, OverflowError):
            continue
    return found
