"""One definition → one trained, scored and stored adapted model."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog

from pipeline.cache.once import Once
from pipeline.errors import PipelineError
from pipeline.examples.answers import seal_answers
from pipeline.plans.definition import Definition
from pipeline.runs.connections import Connections
from pipeline.serialisation.document import join_document, split_document
from pipeline.stores.models.ledger import Assignment, CancelledError, Ledger
from pipeline.stores.models.store import ModelsStore, TrainedModel
from pipeline.threads import limit_threads
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.lineage import TaskRun, describe_lineage
from pipeline.training.marks import MARKS, list_marks
from pipeline.training.preparing import Preparing
from pipeline.training.scores import score

log = structlog.get_logger(__name__)


def train(label: str, task: TaskRun, connections: Connections, is_wanted: Callable[[], bool] = lambda: True) -> int:
    """Train a definition of a run in the ledger, score it on its testing set, and store it.

    Args:
        is_wanted: asked when the definition is cancelled: whether it has been cleared since, to be trained again.

    Returns:
        The stored model's version.

    Raises:
        CancelledError: its run was ended by hand, before the training or meanwhile.
        PipelineError: it cannot be trained; the ledger says why. `retryable` tells whether another try may help.
    """
    ledger = Ledger(connections.models_db)
    definition, seed, encoding, examples_digest = _begin(ledger, task, label, is_wanted)
    log.info("training", label=label, run=task.run_id, try_number=task.try_number, seed=seed)
    try:
        with limit_threads():
            recipe = _recipe(label, definition)
            model = train_definition(recipe, seed, task, connections, encoding, examples_digest)
        version = ModelsStore(connections.models_db).save(model)
    except PipelineError as error:
        ledger.record_error(task.run_id, label, str(error), final=not error.retryable)
        raise
    except Exception as error:
        # what an unforeseen error says could hold a piece of an example
        reason = f"{type(error).__name__}; the log of the task instance says where"
        ledger.record_error(task.run_id, label, reason, final=False)
        raise
    log.info("stored", label=label, version=version, size_bytes=model.document.size_bytes)
    return version


def _begin(ledger: Ledger, task: TaskRun, label: str, is_wanted: Callable[[], bool]) -> Assignment:
    try:
        return ledger.begin_training(task.run_id, label, task.map_index, again=False)
    except CancelledError:
        # either cleared to be trained again, or a process that began before its run was ended and is about to be killed
        if not is_wanted():
            raise
    return ledger.begin_training(task.run_id, label, task.map_index)


def _recipe(label: str, definition: dict[str, Any]) -> Definition:
    recipe = Definition.from_dict(definition)
    if recipe.label != label:
        what = f"this version of the code calls the same definition {recipe.label}"
        raise PipelineError(label, what, next_step="trigger the plan again")
    return recipe


def train_definition(
    recipe: Definition,
    seed: int,
    task: TaskRun,
    connections: Connections,
    encoding: str = "json",
    examples_digest: str | None = None,
) -> TrainedModel:
    """Train and score a definition without storing anything, logging each step and how long it took.

    The document is read back once, so that what is stored can be loaded and answers the same.

    Args:
        examples_digest: of the examples to train and test on; None for those that there are now.

    Raises:
        ExamplesChangedError: those examples are there no more.
        TrainingError: it cannot be trained on them.
    """
    for section, block in recipe.to_dict().items():
        log.info(section, name=block["name"], **block["options"])
    cores = connections.cores
    once = Once(connections.prepared, connections.models_db, cores.lent)
    steps = Steps(lambda: once.waited_seconds + cores.waited_seconds)
    preparing = Preparing(recipe, seed, connections, once, examples_digest)
    with cores.taken():
        with steps.timed("fetch"):
            examples = preparing.examples
        log.info(
            "examples",
            training=len(examples.training),
            testing=len(examples.testing),
            classes=len(set(examples.training)),
        )
        with steps.timed("fit_adapter"):
            adapter = preparing.fit_adapter()
        with steps.timed("adapt"):
            adapted = preparing.adapt()
        connections.models_db.close_idle()  # hundreds of workers that train for hours need none
        trained = AdaptedModel(adapter, recipe.model).fit_model(adapted.training, examples.training, seed, steps.timed)
        with steps.timed("test"):
            answers = trained.classify_adapted(adapted.testing)
            scores = score(examples.training, examples.testing, answers)
            scores = replace(scores, marks=list_marks(recipe.model, scores, answers))
            digest_key = connections.keyring.digest_key
            sealed = seal_answers(digest_key, examples.testing_digests, examples.testing, answers)
        with steps.timed("write_document"):
            document = split_document(trained.to_dict(), encoding)
        with steps.timed("read_document"):
            AdaptedModel.from_dict(join_document(document))
    log.info(
        "scores",
        accuracy=round(scores.accuracy, 4),
        macro_f1=round(scores.macro_f1, 4),
        baseline_accuracy=round(scores.baseline_accuracy, 4),
    )
    for mark in scores.marks:
        log.warning("marked", mark=mark, meaning=MARKS[mark])
    return TrainedModel(
        run_id=task.run_id,
        label=recipe.label,
        definition=recipe.to_dict(),
        document=document,
        scores=scores.to_dict(),
        answers=sealed,
        lineage=describe_lineage(task, recipe, examples.account, seed, once.saved_seconds),
        step_seconds=steps.seconds,
    )


class Steps:
    """How long each step worked, without what it waited for others.

    Args:
        tell_waited: the seconds waited so far.
    """

    def __init__(self, tell_waited: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._tell_waited = tell_waited

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Time the block and log it under `step`."""
        started, waited = time.perf_counter(), self._tell_waited()
        yield
        passed, waited = time.perf_counter() - started, self._tell_waited() - waited
        self.seconds[step] = round(passed - waited, 4)
        log.info("step done", step=step, seconds=self.seconds[step])
