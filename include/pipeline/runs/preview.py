"""What a plan would do, without doing it."""

from dataclasses import dataclass
from typing import Any

from pipeline.plans.expansion import Expansion
from pipeline.runs.forecast import Forecast
from pipeline.runs.splits import SeenSplit


@dataclass(frozen=True)
class Preview:
    """What a plan means.

    Args:
        forecast: how long it will compute, where stored models can tell.
        splits: how its datasets split; nothing where the databases cannot be asked.
    """

    expansion: Expansion
    forecast: Forecast | None = None
    splits: list[SeenSplit] | None = None

    @property
    def datasets(self) -> int:
        """How many different datasets would be prepared."""
        return len(self.expansion.datasets)

    @property
    def adapters(self) -> int:
        """How many different adapters would be trained; one adapter on two datasets is two."""
        return len({definition.effective[:2] for definition in self.expansion.to_train})

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        expansion = self.expansion
        return {
            "definitions": len(expansion.definitions),
            "permutations": expansion.permutations,
            "excluded": expansion.excluded,
            "repeated": expansion.repeated,
            "to_train": len(expansion.to_train),
            "reused": len(expansion.reused),
            "same_model": expansion.same_model,
            "datasets": self.datasets,
            "adapters": self.adapters,
            "forecast": None if self.forecast is None else vars(self.forecast),
            "splits": None if self.splits is None else [split.to_dict() for split in self.splits],
            "settings": expansion.settings.model_dump(mode="json"),
            "exclusions": [vars(exclusion) for exclusion in expansion.exclusions],
            "warnings": [warning.to_dict() for warning in expansion.warnings],
            "ledger": [
                {
                    "label": definition.label,
                    "state": expansion.state(definition.label),
                    "duplicate_of": expansion.duplicates.get(definition.label),
                    "definition": definition.to_dict(),
                }
                for definition in expansion.definitions
            ],
        }
