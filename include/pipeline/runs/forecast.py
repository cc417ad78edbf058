"""How long a plan will compute, judged by the models that are stored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.plans.expansion import Expansion

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


@dataclass(frozen=True)
class Forecast:
    """Compute time of a plan.

    Args:
        seconds: on one core, for the definitions that there are timings for.
        definitions: how many of them there are.
        models: how many stored models this is judged by.
    """

    seconds: float
    definitions: int
    models: int


def forecast(expansion: Expansion, survey: "ExamplesSurvey", models: "ModelsStore") -> Forecast | None:
    """Return how long what a plan is to train will compute, or nothing where no model like these is stored.

    A definition takes, for each of its examples, what it took when it was last trained, or else the median of all
    models of its adapter and model. Models whose time grows faster than their examples take longer than that.
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
