"""Train one definition: from its recipe to a trained and scored adapted model."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from pipeline.adapters.base import Adapter
from pipeline.cache.cache import Cache
from pipeline.clock import WAITING, Clock
from pipeline.components.features import Features
from pipeline.datasets.base import require_classes
from pipeline.datasets.folds import Rows
from pipeline.examples.answers import SealedAnswers
from pipeline.examples.example import ExampleSet
from pipeline.log import get_logger
from pipeline.models.base import Model
from pipeline.plans.definition import Definition
from pipeline.plans.metric import ACCURACY, Metric
from pipeline.serialisation.document import SplitDocument, join_document, split_document
from pipeline.stores.examples.store import ExamplesStore
from pipeline.threads import limit_threads
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.examples import fetch
from pipeline.training.kinds import SETS, TrainingData
from pipeline.training.marks import MARKS, list_marks
from pipeline.training.prepare import Preparation
from pipeline.training.scores import Scores
from pipeline.training.validate import TrainFold, answer, cross_validate, require_class, summarise

log = get_logger(__name__)

Timer = Callable[[str], AbstractContextManager[object]]
"""A context manager around a step, given its name, such as `Clock.step`."""


@dataclass(frozen=True)
class Trained:
    """The result of a training.

    Attributes:
        document: the adapted model.
        scores: on the testing set, and by which models are chosen if that is another set.
        curves: of its probabilities on the testing set; None if it gives none.
        answers: on the testing set, encrypted.
        validation_answers: on the examples that choose, encrypted; None if the testing set chooses.
        examples: what the lineage says of the sets of examples.
        step_seconds: the duration of each step, without the time it waited for other workers.
    """

    document: SplitDocument
    scores: Scores
    curves: dict[str, Any] | None
    answers: SealedAnswers
    validation_answers: SealedAnswers | None
    examples: dict[str, Any]
    step_seconds: dict[str, float]


def fit(adapter: Adapter, model: Model, training_set: ExampleSet, seed: int = 0) -> AdaptedModel:
    """Train an adapter and a model on a training set.

    Args:
        adapter: is fitted on the texts.
        model: is fitted on the adapter's features.
        training_set: holds at least two classes.
        seed: from 0 to 2³² - 1.

    Raises:
        TrainingError: fewer than two classes, no words, or features that the model cannot learn from.
    """
    require_classes(training_set, "training set")
    with limit_threads():
        (features,) = prepare(adapter, Preparation(training_set.texts, seed), [training_set.texts])
        trained = fit_model(adapter, model, features, training_set.classifications, seed)
        trained.make_canary()
        return trained


def train_definition(
    recipe: Definition,
    seed: int,
    store: ExamplesStore,
    cache: Cache,
    clock: Clock,
    encoding: str = "json",
    examples_digest: str | None = None,
    metric: Metric = ACCURACY,
) -> Trained:
    """Train and score a definition; store nothing. Each step is logged with its duration.

    The document is read back once, which shows that it loads and answers the same.

    Args:
        recipe: its adapter and model are fitted.
        seed: from 0 to 2³² - 1.
        store: the examples database.
        cache: shares examples, adapters and features with other trainings.
        clock: measures each step.
        encoding: of the document, one of `ENCODINGS`.
        examples_digest: of the examples to train and test on; None for those that the database holds now.
        metric: what models are ranked by.

    Raises:
        ExamplesChangedError: those examples no longer exist.
        TrainingError: the definition cannot be trained on them.
    """
    for section, block in recipe.to_dict().items():
        log.info(section, name=block["name"], **block["options"])
    with clock.step("fetch"):
        data = fetch(recipe.dataset, store, cache, examples_digest)
    counts = {name: count for name, count in zip(SETS, data.counts, strict=True) if count}
    log.info("examples", **counts, classes=len({*data.classes}))
    require_class(metric, data)
    chosen = None
    if data.folds is not None:
        with clock.step("cross_validate"):
            chosen = cross_validate(data, data.folds, _in_folds(recipe, data, seed, cache), metric)
    asked = [rows for rows in (data.validation, data.testing) if rows]
    texts = [data.take(rows) for rows in (data.training, *asked)]
    training, *features = prepare(recipe.adapter, Preparation(texts[0], seed, cache), texts, clock.step)
    cache.close_idle()
    classes = [data.classes[row] for row in data.training]
    trained = fit_model(recipe.adapter, recipe.model, training, classes, seed, clock.step)
    with clock.step("make_canary"):
        trained.make_canary()
    with clock.step("test"):
        *validated, tested = (
            answer(trained, each, data, data.training, rows, metric, with_curves=rows is asked[-1])
            for each, rows in zip(features, asked, strict=True)
        )
        chosen = chosen or next(iter(validated), None)
        scores = replace(
            tested.scores[0],
            marks=list_marks(recipe.model, tested.scores[0], tested.answers),
            validation=None if chosen is None else summarise(chosen.scores),
        )
        key = store.keyring.digest_key
        sealed, validation_answers = tested.seal(data, key), None if chosen is None else chosen.seal(data, key)
    with clock.step("write_document"):
        document = split_document(trained.to_dict(), encoding)
    with clock.step("read_document"):
        AdaptedModel.from_dict(join_document(document))
    if scores.validation is not None:
        log.info("validation", **{name: round(scores.validation["mean"][name], 4) for name in ("accuracy", "macro_f1")})
    log.info(
        "scores",
        accuracy=round(scores.accuracy, 4),
        macro_f1=round(scores.macro_f1, 4),
        baseline_accuracy=round(scores.baseline_accuracy, 4),
    )
    for mark in scores.marks:
        log.warning("marked", mark=mark, meaning=MARKS[mark])
    steps = {step: round(seconds, 4) for step, seconds in clock.seconds.items() if step != WAITING}
    return Trained(document, scores, tested.curves, sealed, validation_answers, data.account, steps)


def _in_folds(recipe: Definition, data: TrainingData, seed: int, cache: Cache) -> TrainFold:
    """Return what trains a recipe on some examples of the training set and adapts some others."""

    def train_fold(trains: Rows, asked: Rows) -> tuple[AdaptedModel, Features]:
        fold = Definition.from_dict(recipe.to_dict())
        texts = [data.texts.take(rows) for rows in (trains, asked)]
        training, features = prepare(fold.adapter, Preparation(texts[0], seed, cache), texts)
        return fit_model(fold.adapter, fold.model, training, [data.classes[row] for row in trains], seed), features

    return train_fold


def prepare(
    adapter: Adapter, preparation: Preparation, texts: Sequence[Sequence[str]], timed: Timer = nullcontext
) -> list[Features]:
    """Fit an adapter and return the features of each of several sets of texts."""
    with timed("fit_adapter"):
        preparation.fit(adapter)
    with timed("adapt"):
        return [preparation.transform(adapter, each) for each in texts]


def fit_model(
    adapter: Adapter,
    model: Model,
    features: Features,
    classifications: Sequence[str],
    seed: int,
    timed: Timer = nullcontext,
) -> AdaptedModel:
    """Fit a model on the features of the training set and return the adapted model, without a canary.

    Raises:
        TrainingError: fewer than two classes, or features that the model cannot learn from.
    """
    with timed("fit_model"):
        model.fit(features, classifications, seed)
    return AdaptedModel(adapter, model)
