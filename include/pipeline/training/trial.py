"""Try a definition with a part of the whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.cache.cache import Cache
from pipeline.datasets.base import Dataset
from pipeline.errors import TrainingError
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.plans.definition import Definition
from pipeline.plans.metric import Metric
from pipeline.search.settings import EXAMPLES, Search
from pipeline.stores.examples.store import ExamplesStore
from pipeline.threads import limit_threads
from pipeline.training.examples import fetch
from pipeline.training.kinds import TrainingData
from pipeline.training.part import Rows, choose_rows, take_part
from pipeline.training.prepare import Preparation
from pipeline.training.scores import Scores
from pipeline.training.train import fit_model, prepare
from pipeline.training.validate import answer, require_class


class Tried(NamedTuple):
    """How good a definition was in a trial.

    Attributes:
        examples: on how many it was trained.
        score: the metric, with its sign changed if lower is better.
        macro_f1: decides between equal scores.
    """

    examples: int
    score: float
    macro_f1: float


@dataclass
class TrialRunner:
    """Tries definitions of one run, one after another. Not for several threads.

    What is fetched and drawn stays in memory as long as definitions of the same dataset follow.

    Args:
        search: what the plan says.
        seed: of the run.
        metric: what models of the run are ranked by.
        store: the examples database.
        cache: shares examples, adapters and features with other trials and trainings.
    """

    search: Search
    seed: int
    metric: Metric
    store: ExamplesStore
    cache: Cache
    _fetched: tuple[str, TrainingData, Rows, Rows] | None = field(default=None, init=False)
    _parts: dict[float, Rows] = field(default_factory=dict, init=False)

    def run(self, recipe: Definition, part: float, examples_digest: str | None) -> Tried:
        """Train a definition with a part of the whole, and score it on the examples by which trials are compared.

        Args:
            recipe: is not changed.
            part: of the training set, or of the model's iterations or trees.
            examples_digest: of the examples; None for those that the database holds now.

        Raises:
            ExamplesChangedError: those examples no longer exist.
            TrainingError: the definition cannot be trained on the part.
        """
        data, trains, asked = self._fetch(recipe.dataset, examples_digest)
        require_class(self.metric, data)
        recipe = Definition.from_dict(recipe.to_dict())
        model = recipe.model
        if self.search.resource != EXAMPLES:
            model = shrink(model, self.search.resource, part)
        elif part in self._parts:
            trains = self._parts[part]
        else:
            trains = self._parts[part] = take_part(data, trains, part, self.seed)
        with limit_threads():
            try:
                texts = [data.take(rows) for rows in (trains, asked)]
                training, features = prepare(recipe.adapter, Preparation(texts[0], self.seed, self.cache), texts)
                trained = fit_model(recipe.adapter, model, training, [data.classes[row] for row in trains], self.seed)
            except TrainingError as error:
                raise error.within(f"in a trial with {len(trains):,} training examples") from error
            (scores,) = answer(trained, features, data, trains.tolist(), asked.tolist(), self.metric).scores
        score = read_score(self.metric, scores)
        return Tried(len(trains), -score if self.metric.lower_is_better else score, scores.macro_f1)

    def _fetch(self, dataset: Dataset, digest: str | None) -> tuple[TrainingData, Rows, Rows]:
        key = f"{digest} {dataset.effective}"
        if self._fetched is None or self._fetched[0] != key:
            data = fetch(dataset, self.store, self.cache, digest)
            self._parts.clear()
            self._fetched = (key, data, *choose_rows(data, dataset.draw_seed, self.seed))
        return self._fetched[1:]


def shrink(model: Model, resource: str, part: float) -> Model:
    """Return a model with a part of its iterations or trees, at least one."""
    options, sized_by = model.block["options"], model.sized_by[resource]
    fewer = max(1, round(options[sized_by] * part))
    return models[model.name](**options | {sized_by: fewer})


def read_score(metric: Metric, scores: Scores) -> float:
    """Return the score that a metric means; 0 for that of a class which neither trains nor is asked for."""
    found: object = scores.to_dict()
    for key in metric.path:
        found = found.get(key, 0.0) if isinstance(found, Mapping) else 0.0
    return float(found) if isinstance(found, int | float) else 0.0
