"""What a plan would train, how its datasets split and how long the computation takes, without training it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.examples.example import ExampleSource
from pipeline.plans.expansion import Expansion
from pipeline.runs.splits import MOST_EXAMPLES, SplitPreview, preview_splits

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


@dataclass(frozen=True)
class Forecast:
    """The compute time of a plan.

    Args:
        seconds: on one core, for those definitions for which stored models have timings.
        definitions: how many definitions these are.
        models: how many stored models have these timings.
    """

    seconds: float
    definitions: int
    models: int


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


def forecast(expansion: Expansion, survey: "ExamplesSurvey", models: "ModelsStore") -> Forecast | None:
    """Return how long the definitions to train will compute, or None if no stored model is similar to one of them.

    For each of its examples, a definition takes the time that it took when it was last trained, or otherwise the median
    of all models of its adapter and model. If the time of a model grows faster than its examples, it takes longer.
    """
    datasets = expansion.datasets
    counts = iter(survey.count([each for dataset in datasets for each in dataset.selections]))
    examples = {dataset.canonical: sum(next(counts) for _ in dataset.selections) for dataset in datasets}
    exact = models.list_timings_of([definition.label for definition in expansion.to_train])
    medians = models.list_timings()
    seconds = 0.0
    pairs: dict[tuple[str, str], int] = {}
    known = 0
    for definition in expansion.to_train:
        pair = (definition.adapter.name, definition.model.name)
        if pair in medians:
            pairs[pair], median = medians[pair]
            seconds += exact.get(definition.label, median) * examples[definition.dataset.canonical]
            known += 1
    return Forecast(seconds, known, sum(pairs.values())) if known else None
