"""What a plan would train, how its datasets split and how long the computation takes, without training it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.examples.example import ExampleSource
from pipeline.plans.expansion import Expansion
from pipeline.runs.forecast import Forecast, forecast, list_ladders
from pipeline.runs.splits import MOST_EXAMPLES, SplitPreview, preview_splits

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


@dataclass(frozen=True)
class Preview:
    """What a plan means, and what the databases know about it.

    Args:
        expansion: what the plan means.
        forecast: how long it will compute; None if no stored model is similar to its definitions.
        splits: how its datasets split; None if the databases do not answer.
    """

    expansion: Expansion
    forecast: Forecast | None = None
    splits: list[SplitPreview] | None = None

    @property
    def datasets(self) -> int:
        """How many different datasets have to be prepared."""
        return len(self.expansion.datasets)

    @property
    def adapters(self) -> int:
        """How many different adapters have to be trained; one adapter on two datasets counts twice."""
        return len({definition.effective[:2] for definition in self.expansion.to_train})

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        expansion = self.expansion
        return {
            "definitions": len(expansion.definitions),
            "now": None if expansion.now is None else expansion.now.isoformat(),
            "permutations": expansion.permutations,
            "excluded": expansion.excluded,
            "repeated": expansion.repeated,
            "to_train": len(expansion.to_train),
            "reused": len(expansion.reused),
            "same_model": expansion.same_model,
            "datasets": self.datasets,
            "adapters": self.adapters,
            "forecast": None if self.forecast is None else vars(self.forecast),
            "search": [ladder.to_dict() for ladder in list_ladders(expansion)],
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


def preview(
    expansion: Expansion,
    survey: "ExamplesSurvey",
    models: "ModelsStore",
    open_source: Callable[[], ExampleSource],
    most: int = MOST_EXAMPLES,
) -> Preview:
    """Return what the databases know about a plan.

    Args:
        open_source: returns what opens examples; see `preview_splits`.
        most: how many examples may be opened, of all datasets together.
    """
    splits = [*preview_splits(expansion.to_train, survey, open_source, most)]
    return Preview(expansion, forecast(expansion, survey, models), splits)
