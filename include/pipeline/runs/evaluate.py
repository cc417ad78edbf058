"""Scores stored models on a testing set and stores that: the work of the DAG `evaluate_models`."""

from datetime import datetime
from typing import Any

from pipeline.cache.cache import Cache
from pipeline.clock import WAITING, Clock
from pipeline.log import get_logger
from pipeline.plans.errors import EvaluationRequestError
from pipeline.runs.connections import Connections
from pipeline.runs.evaluation_request import EvaluationRequest, find_missing_models, read_request
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.evaluations import Evaluation, EvaluationsStore
from pipeline.stores.models.read import MARK, read_document, read_target
from pipeline.threads import limit_threads
from pipeline.training.evaluate import evaluate_model
from pipeline.training.testing_data import fetch_testing, no_examples

log = get_logger(__name__)


def pin_models(conf: Any, now: datetime, connections: Connections) -> list[str]:
    """Return the models that a configuration means now, each once, as `label@3`.

    Args:
        conf: the configuration of the run.
        now: the moment of the run, where a span without an end ends.
        connections: the databases; no example is opened.

    Raises:
        EvaluationRequestError: the configuration is wrong, or means a model that is not stored.
        TrainingError: there is no example to score on.
    """
    request = read_request(conf, now)
    with connections.models_db.kept_open():
        if missing := find_missing_models(request.models, connections.models_db):
            raise EvaluationRequestError(missing)
        targets = [read_target(connections.models_db, reference) for reference in request.models]
    require_examples(request, now, connections)
    return [*dict.fromkeys(f"{label}{MARK}{version}" for label, version, _ in targets)]


def require_examples(request: EvaluationRequest, now: datetime, connections: Connections) -> None:
    """Check that there are examples to score on, without opening any.

    Raises:
        TrainingError: there is none.
    """
    selections = request.ask(now).selections
    for selection, count in zip(selections, ExamplesSurvey(connections.examples_db).count(selections), strict=True):
        if not count:
            raise no_examples(selection)


def evaluate(reference: str, run_id: str, conf: Any, now: datetime, connections: Connections) -> int:
    """Score a stored model on the examples of a configuration, store that, and return the evaluation's id.

    A run has one evaluation of each model, however often this is done.

    Args:
        reference: the model, as `pin_models` returns it.
        run_id: Airflow's id of the run.
        conf: the configuration of the run.
        now: the moment of the run, where a span without an end ends.
        connections: the databases, and what trainings share.

    Raises:
        NotFoundError: the model has been deleted.
        TrainingError: there is no example to score on.
        DocumentError: the model no longer loads, or no longer answers as after its training.
    """
    asked = read_request(conf, now).ask(now)
    clock = Clock()
    cache = Cache(connections.cache_store, connections.models_db, clock)
    store, evaluations = (
        ExamplesStore(connections.examples_db, connections.keyring),
        EvaluationsStore(connections.models_db),
    )
    label, version, _ = read_target(connections.models_db, reference)
    with clock.step("fetch"):
        trained = evaluations.get_trained(label, version)
        document = read_document(connections.models_db, label, version)
        testing = fetch_testing(asked, store, cache)
    log.info("evaluating", model=reference, run=run_id, examples=len(testing.data.classes))
    with limit_threads():
        found = evaluate_model(document, trained, testing, asked.collection, store.keyring.digest_key, cache, clock)
    evaluation = Evaluation(
        run_id=run_id,
        label=label,
        version=version,
        document_sha256=document.sha256,
        dataset=asked.block,
        collection=asked.collection,
        examples=found.examples,
        answers=found.answers,
        scores=found.scores.to_dict(),
        seconds=sum(seconds for step, seconds in clock.seconds.items() if step != WAITING),
    )
    number = evaluations.save(evaluation)
    log.info("stored", model=reference, evaluation=number)
    return number
