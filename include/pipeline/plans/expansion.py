"""What a plan means: its definitions, and where every permutation that is none of them went."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pipeline.datasets.base import Dataset
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.inert import find_duplicates
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
        definitions: the rest, each once, in the plan's order.
        duplicates: for the label of each definition that was collapsed the label that trains the same model.
        same_model: how many definitions train a model that another trains too, collapsed or not.
        reused: for the label of each definition that need not be trained again the stored model that stands for it.
        examples: the digest of what each dataset selects, by the dataset's canonical text; empty until somebody looks.
        warnings: what is allowed but looks like a mistake.
    """

    settings: Settings
    permutations: int
    exclusions: list[Exclusion]
    repeated: int
    definitions: list[Definition]
    duplicates: dict[str, str]
    same_model: int
    warnings: list[Finding]
    reused: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)

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
        """The definitions that are neither duplicates nor reused."""
        ended = self.duplicates.keys() | self.reused.keys()
        return [definition for definition in self.definitions if definition.label not in ended]

    def state(self, label: str) -> str:
        """Return what a definition is when the run begins: `planned`, `reused` or `duplicate`."""
        if label in self.duplicates:
            return "duplicate"
        return "reused" if label in self.reused else "planned"

    def reuse(self, stored: Mapping[str, int]) -> "Expansion":
        """Return the same with stored models in place of definitions.

        Args:
            stored: models by the label of the definition that they stand for. Of definitions that train the same
                model and are collapsed, one that is stored stands for all.
        """
        duplicates = find_duplicates(self.definitions, stored) if self.settings.collapse_inert else {}
        reused = {label: model_id for label, model_id in stored.items() if label not in duplicates}
        return replace(self, duplicates=duplicates, reused=reused)
