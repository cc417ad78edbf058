"""Trains one definition of a run, scores it and stores it: the work of the task `train`."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.cache.cache import Cache
from pipeline.clock import Clock
from pipeline.errors import PipelineError
from pipeline.log import get_logger
from pipeline.plans.definition import Definition
from pipeline.plans.metric import ACCURACY, Metric, parse_metric
from pipeline.runs.budgets import StoppedError, require_budget, within_memory
from pipeline.runs.connections import Connections
from pipeline.runs.search import UndecidedError, search
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Assignment, CancelledError, Ledger
from pipeline.stores.models.store import ModelsStore, TrainedModel
from pipeline.threads import limit_threads
from pipeline.training.lineage import TaskRun, describe_lineage
from pipeline.training.train import train_definition

log = get_logger(__name__)


def train(label: str, task: TaskRun, connections: Connections, is_wanted: Callable[[], bool] = lambda: True) -> int:
    """Train a definition of a run in the ledger, score it on its testing set, and store it.

    Args:
        label: the definition's label.
        task: the task instance that trains.
        connections: the databases, and what trainings share.
        is_wanted: called if the definition is cancelled: whether it has been cleared since then, to be trained again.

    Returns:
        The stored model's version.

    Raises:
        StoppedError: the search or a budget of its run has stopped it.
        UndecidedError: the search of its run is still trying others; call this again later.
        CancelledError: its run was ended by hand, before or during the training.
        PipelineError: it cannot be trained; the ledger says why. `retryable` says whether another try may help.
    """
    ledger = Ledger(connections.models_db)
    with _recorded(ledger, task.run_id, label):
        require_budget(label, task, connections)
        search(label, task, connections, is_wanted)
        require_budget(label, task, connections)
        assignment = _begin(ledger, task, label, connections, is_wanted)
        log.info("training", label=label, run=task.run_id, try_number=task.try_number, seed=assignment.seed)
        recipe = _read_recipe(label, assignment.definition)
        with within_memory(label, task.run_id, assignment.max_memory_mb, connections):
            model = train_recipe(
                recipe,
                assignment.seed,
                task,
                connections,
                assignment.encoding,
                assignment.examples_digest,
                parse_metric(assignment.metric),
            )
        version = ModelsStore(connections.models_db).save(model)
    log.info("stored", label=label, version=version, size_bytes=model.document.size_bytes)
    return version


@contextmanager
def _recorded(ledger: Ledger, run_id: str, label: str) -> Iterator[None]:
    """Write to the ledger why a try failed in the block."""
    try:
        yield
    except (StoppedError, UndecidedError):
        raise
    except PipelineError as error:
        ledger.record_error(run_id, label, str(error), final=not error.retryable)
        raise
    except Exception as error:
        # the message of an unexpected error could contain a piece of an example
        reason = f"{type(error).__name__}; the log of the task instance says where"
        ledger.record_error(run_id, label, reason, final=False)
        raise


def train_recipe(
    recipe: Definition,
    seed: int,
    task: TaskRun,
    connections: Connections,
    encoding: str = "json",
    examples_digest: str | None = None,
    metric: Metric = ACCURACY,
) -> TrainedModel:
    """Train and score a recipe and return what is to be stored; see `train_definition`."""
    clock = Clock()
    cache = Cache(connections.cache_store, connections.models_db, clock)
    store = ExamplesStore(connections.examples_db, connections.keyring)
    with limit_threads():
        trained = train_definition(recipe, seed, store, cache, clock, encoding, examples_digest, metric)
    return TrainedModel(
        run_id=task.run_id,
        label=recipe.label,
        definition=recipe.to_dict(),
        document=trained.document,
        scores=trained.scores.to_dict(),
        answers=trained.answers,
        validation_answers=trained.validation_answers,
        metric=metric.name,
        curves=trained.curves,
        lineage=describe_lineage(task, recipe, trained.examples, seed, cache.saved_seconds, cache.shared),
        step_seconds=trained.step_seconds,
    )


def _begin(
    ledger: Ledger, task: TaskRun, label: str, connections: Connections, is_wanted: Callable[[], bool]
) -> Assignment:
    host = socket.gethostname()
    try:
        return ledger.begin_training(task.run_id, label, task.map_index, host=host, again=False)
    except CancelledError:
        require_budget(label, task, connections)
        # either cleared to be trained again, or a process that began before its run was ended and is about to be killed
        if not is_wanted():
            raise
    return ledger.begin_training(task.run_id, label, task.map_index, host=host)


def _read_recipe(label: str, definition: dict[str, Any]) -> Definition:
    recipe = Definition.from_dict(definition)
    if recipe.label != label:
        what = f"this version of the code calls the same definition {recipe.label}"
        raise PipelineError(label, what, next_step="trigger the plan again")
    return recipe
