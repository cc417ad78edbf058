"""How long a plan will compute, with its search and without."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.plans.expansion import Expansion
from pipeline.search.rungs import Rung, list_rungs

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


@dataclass(frozen=True)
class Forecast:
    """The compute time of a plan.

    Attributes:
        seconds: on one core, for those definitions for which stored models have timings.
        full_seconds: the same if every definition were trained in full; equal to `seconds` without a search.
        definitions: how many definitions these are.
        models: how many stored models have these timings.
    """

    seconds: float
    full_seconds: float
    definitions: int
    models: int


@dataclass(frozen=True)
class Ladder:
    """How a search goes with the definitions of one dataset.

    Attributes:
        dataset: its canonical text.
        definitions: how many there are.
        rungs: with how much they are tried, smallest first; none if all are trained in full.
    """

    dataset: str
    definitions: int
    rungs: list[Rung]

    @property
    def in_full(self) -> int:
        """How many definitions are trained in full, if none fails."""
        return self.rungs[-1].places if self.rungs else self.definitions

    @property
    def work(self) -> float:
        """The share of the work that is left by the search, if the time of a training grows with its part."""
        tried = sum(rung.entrants * rung.part for rung in self.rungs)
        return (tried + self.in_full) / self.definitions

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "definitions": self.definitions,
            "rungs": [{"part": rung.part, "definitions": rung.entrants} for rung in self.rungs],
            "in_full": self.in_full,
        }


def list_ladders(expansion: Expansion) -> list[Ladder]:
    """Return how the search of a plan goes, for each of its datasets; nothing without a search."""
    search = expansion.settings.search
    if search is None:
        return []
    counts = Counter(definition.dataset.canonical for definition in expansion.to_train)
    return [Ladder(dataset, count, list_rungs(count, search)) for dataset, count in counts.items()]


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
    work = {ladder.dataset: ladder.work for ladder in list_ladders(expansion)}
    seconds = full = 0.0
    pairs: dict[tuple[str, str], int] = {}
    known = 0
    for definition in expansion.to_train:
        pair, dataset = (definition.adapter.name, definition.model.name), definition.dataset.canonical
        if pair in medians:
            pairs[pair], median = medians[pair]
            takes = exact.get(definition.label, median) * examples[dataset]
            full += takes
            seconds += takes * work.get(dataset, 1)
            known += 1
    return Forecast(seconds, full, known, sum(pairs.values())) if known else None
