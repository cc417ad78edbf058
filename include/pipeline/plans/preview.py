"""What a plan would do, without doing it."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.plans.definition import Definition
from pipeline.plans.expansion import Expansion
from pipeline.plans.forecast import Forecast, forecast
from pipeline.plans.stored import find_reusable
from pipeline.stores.examples_survey import ExamplesSurvey
from pipeline.stores.models import ModelsStore


@dataclass(frozen=True)
class Preview:
    """A plan's expansion, and what the databases have to say about it.

    Args:
        expansion: what the plan means.
        reused: the labels that a stored model stands for.
        forecast: how long the rest computes; nothing where no stored model can tell.
    """

    expansion: Expansion
    reused: frozenset[str] = field(default=frozenset())
    forecast: Forecast | None = None

    @property
    def to_train(self) -> list[Definition]:
        """The definitions that would be trained."""
        return [definition for definition in self.expansion.to_train if definition.label not in self.reused]

    @property
    def datasets(self) -> int:
        """How many different datasets would be prepared."""
        return len({definition.dataset.effective for definition in self.to_train})

    @property
    def adapters(self) -> int:
        """How many different adapters would be trained; one adapter on two datasets is two."""
        return len({definition.effective[:2] for definition in self.to_train})

    def state(self, definition: Definition) -> str:
        """Return what becomes of a definition: `planned`, `reused` or `duplicate`."""
        if definition.label in self.expansion.duplicates:
            return "duplicate"
        return "reused" if definition.label in self.reused else "planned"

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        expansion = self.expansion
        return {
            "definitions": len(expansion.definitions),
            "permutations": expansion.permutations,
            "excluded": expansion.excluded,
            "repeated": expansion.repeated,
            "to_train": len(self.to_train),
            "reused": len(self.reused),
            "same_model": expansion.same_model,
            "datasets": self.datasets,
            "adapters": self.adapters,
            "forecast": None if self.forecast is None else vars(self.forecast),
            "settings": expansion.settings.model_dump(mode="json"),
            "exclusions": [vars(exclusion) for exclusion in expansion.exclusions],
            "warnings": [warning.to_dict() for warning in expansion.warnings],
            "ledger": [
                {
                    "label": definition.label,
                    "state": self.state(definition),
                    "duplicate_of": expansion.duplicates.get(definition.label),
                    "definition": definition.to_dict(),
                }
                for definition in expansion.definitions
            ],
        }


def preview(expansion: Expansion, survey: ExamplesSurvey, models: ModelsStore) -> Preview:
    """Return what a plan would do now, with what the databases know of its examples and of such work."""
    reused = frozenset(find_reusable(expansion, survey, models) if expansion.settings.on_existing == "reuse" else ())
    to_train = Preview(expansion, reused).to_train
    return Preview(expansion, reused, forecast(expansion, to_train, survey, models))
