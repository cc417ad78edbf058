"""Train one definition: from its recipe to a trained and scored adapted model."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import structlog

from pipeline.adapters.base import Adapter
from pipeline.cache.cache import Cache
from pipeline.clock import WAITING, Clock
from pipeline.components.features import Features
from pipeline.datasets.base import require_classes
from pipeline.examples.answers import SealedAnswers, seal_answers
from pipeline.examples.example import ExampleSet
from pipeline.models.base import Model
from pipeline.plans.definition import Definition
from pipeline.serialisation.document import SplitDocument, join_document, split_document
from pipeline.stores.examples.store import ExamplesStore
from pipeline.threads import limit_threads
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.examples import fetch
from pipeline.training.marks import MARKS, list_marks
from pipeline.training.prepare import Preparation
from pipeline.training.scores import Scores, score

log = structlog.get_logger(__name__)

Timer = Callable[[str], AbstractContextManager[object]]
"""A context manager around a step, given its name, such as `Clock.step`."""


@dataclass(frozen=True)
class Trained:
    """The result of a training.

    Attributes:
        document: the adapted model.
        scores: on the testing set.
        answers: on the testing set, encrypted.
        examples: what the lineage says of the training and the testing set.
        step_seconds: the duration of each step, without the time it waited for other workers.
    """

    document: SplitDocument
    scores: Scores
    answers: SealedAnswers
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
        return fit_model(adapter, model, features, training_set.classifications, seed)


def train_definition(
    recipe: Definition,
    seed: int,
    store: ExamplesStore,
    cache: Cache,
    clock: Clock,
    encoding: str = "json",
    examples_digest: str | None = None,
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

    Raises:
        ExamplesChangedError: those examples no longer exist.
        TrainingError: the definition cannot be trained on them.
    """
    for section, block in recipe.to_dict().items():
        log.info(section, name=block["name"], **block["options"])
    with clock.step("fetch"):
        data = fetch(recipe.dataset, store, cache, examples_digest)
    log.info("examples", training=len(data.training), testing=len(data.testing), classes=len({*data.training}))
    preparation = Preparation(data.training_texts, seed, cache)
    texts = [data.training_texts, data.testing_texts]
    training, testing = prepare(recipe.adapter, preparation, texts, clock.step)
    cache.close_idle()
    trained = fit_model(recipe.adapter, recipe.model, training, data.training, seed, clock.step)
    with clock.step("test"):
        answers = trained.classify_adapted(testing)
        scores = score(data.training, data.testing, answers)
        scores = replace(scores, marks=list_marks(recipe.model, scores, answers))
        sealed = seal_answers(store.keyring.digest_key, data.testing_digests, data.testing, answers)
    with clock.step("write_document"):
        document = split_document(trained.to_dict(), encoding)
    with clock.step("read_document"):
        AdaptedModel.from_dict(join_document(document))
    log.info(
        "scores",
        accuracy=round(scores.accuracy, 4),
        macro_f1=round(scores.macro_f1, 4),
        baseline_accuracy=round(scores.baseline_accuracy, 4),
    )
    for mark in scores.marks:
        log.warning("marked", mark=mark, meaning=MARKS[mark])
    steps = {step: round(seconds, 4) for step, seconds in clock.seconds.items() if step != WAITING}
    return Trained(document, scores, sealed, data.account, steps)


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
    """Fit a model on the features of the training set and return the adapted model.

    Raises:
        TrainingError: fewer than two classes, or features that the model cannot learn from.
    """
    with timed("fit_model"):
        model.fit(features, classifications, seed)
    with timed("make_canary"):
        trained = AdaptedModel(adapter, model)
        trained.make_canary()
    return trained
