"""What a plan means: its definitions, and what happened to every other permutation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from pipeline.datasets.base import Dataset
from pipeline.errors import PipelineError
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.inert import find_duplicates
from pipeline.plans.settings import Settings


class UnlistedError(PipelineError):
    """A plan too large to be listed, because that would take too long; nothing is known to be wrong.

    Args:
        what: what is too large about it.
        allowed: how much may be listed.
        permutations: how many the plan's lists have.
        definitions: how many of them are left by its rules and its sample, equal ones counted each; at most, if the
            rules were not looked at.
    """

    def __init__(self, what: str, allowed: str, permutations: int, definitions: int) -> None:
        self.permutations = permutations
        self.definitions = definitions
        super().__init__("plan", what, allowed)

    def __reduce__(self) -> tuple[type["UnlistedError"], tuple[str, str, int, int]]:  # type: ignore[override]
        return (type(self), (self.what, self.allowed, self.permutations, self.definitions))


@dataclass(frozen=True)
class Exclusion:
    """A reason why permutations are left out, a rule of the plan or its sample, and how many it drops."""

    rule: dict[str, Any]
    permutations: int


@dataclass(frozen=True)
class Expansion:
    """What a plan without mistakes means.

    Args:
        settings: the plan's settings, with defaults.
        permutations: how many the plan's lists have.
        exclusions: how many of them each reason drops, in the order in which the reasons apply; some drop none.
        repeated: how many of them mean the same definition as an earlier permutation.
        definitions: the rest, each once, in the plan's order.
        duplicates: the label of each collapsed definition, and the label of the one that is trained in its place.
        same_model: how many definitions train the same model as an earlier one, collapsed or not.
        reused: the label of each definition that is not trained again, and the id of the stored model in its place.
        examples: the canonical text of each dataset, and the digest of the examples that it selects; empty unless the
            examples database was asked.
        warnings: what is allowed but looks like a mistake.
        now: what `now` means in the plan (UTC); None if the plan does not say `now`.
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
    now: datetime | None = None

    @property
    def excluded(self) -> int:
        """How many permutations the rules and the sample drop."""
        return sum(exclusion.permutations for exclusion in self.exclusions)

    @cached_property
    def datasets(self) -> list[Dataset]:
        """The different datasets of the definitions to train, in order."""
        return list({definition.dataset.canonical: definition.dataset for definition in self.to_train}.values())

    @cached_property
    def to_train(self) -> list[Definition]:
        """The definitions that are neither duplicates nor reused."""
        ended = self.duplicates.keys() | self.reused.keys()
        return [definition for definition in self.definitions if definition.label not in ended]

    def state(self, label: str) -> str:
        """Return the state of a definition when its run begins: `planned`, `reused` or `duplicate`."""
        if label in self.duplicates:
            return "duplicate"
        return "reused" if label in self.reused else "planned"

    def reuse(self, stored: Mapping[str, int]) -> "Expansion":
        """Return the same expansion with stored models in place of definitions.

        Args:
            stored: the ids of stored models by the label of their definition. If definitions that train the same model
                are collapsed, a stored one of them replaces all of them.
        """
        duplicates = find_duplicates(self.definitions, stored) if self.settings.collapse_inert else {}
        reused = {label: model_id for label, model_id in stored.items() if label not in duplicates}
        return replace(self, duplicates=duplicates, reused=reused)
