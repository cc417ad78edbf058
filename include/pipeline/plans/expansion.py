"""What a plan means: its definitions, and where every permutation that is none of them went."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.datasets.base import Dataset
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.settings import Settings


@dataclass(frozen=True)
class Exclusion:
    """One reason why permutations are left out, and how many it drops: a rule of the plan, or its sample."""

    rule: dict[str, Any]
    permutations: int


@dataclass(frozen=True)
class Expansion:
    """A plan that checks clean.

    Args:
        settings: the plan's settings, with defaults.
        permutations: how many the plan's lists have.
        exclusions: how many of them each reason drops, in the order in which they apply; those that drop none too.
        repeated: how many of them mean a definition that another permutation means already.
        definitions: the rest, in the plan's order, without the duplicates.
        duplicates: for each label of a definition that is not to be trained the label that trains the same model.
        dataset_paths: where in the plan each dataset stands, by its canonical text.
        same_model: how many definitions train a model that another trains too, collapsed or not.
        warnings: what is allowed but looks like a mistake.
    """

    settings: Settings
    permutations: int
    exclusions: list[Exclusion]
    repeated: int
    definitions: list[Definition]
    duplicates: dict[str, str]
    dataset_paths: dict[str, str]
    same_model: int
    warnings: list[Finding]

    @property
    def excluded(self) -> int:
        """How many permutations are excluded, by rules or by the sample."""
        return sum(exclusion.permutations for exclusion in self.exclusions)

    @cached_property
    def datasets(self) -> list[Dataset]:
        """The different datasets of what is to be trained, in order."""
        return list({definition.dataset.canonical: definition.dataset for definition in self.to_train}.values())

    @cached_property
    def to_train(self) -> list[Definition]:
        """The definitions without the duplicates."""
        return [definition for definition in self.definitions if definition.label not in self.duplicates]
