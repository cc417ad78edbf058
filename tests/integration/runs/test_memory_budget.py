"""The budget of memory: a training that takes more than its plan allows fails with a sentence."""

import multiprocessing
import time
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
import pytest

from integration.runs.searching import count_states, list_errors, make_connections, make_search_plan, open_search
from pipeline.errors import TrainingError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    return make_connections(examples_db, models_db, postgres_url)


def take_piece_by_piece(*_: Any) -> Any:
    """Take a gigabyte as Python code does, one piece after another, and go on until somebody interrupts it."""
    kept = [np.ones(2**17) for _ in range(1_000)]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.001)
    return kept


def take_at_once(*_: Any) -> Any:
    """Take eight gigabytes as compiled code does."""
    return np.ones(2**30)


def train_with(fit: Any, label: str, connections: Connections) -> None:
    with patch.object(ScikitModelMultinomialNaiveBayes, "fit", fit):
        train(label, TaskRun("run-1"), connections)


@pytest.mark.parametrize("fit", [take_piece_by_piece, take_at_once])
@pytest.mark.parametrize("search", [None, {"method": "halving"}])
def test_a_training_that_takes_too_much_memory_fails_with_a_sentence(
    connections: Connections, search: Any, fit: Any
) -> None:
    limit = psutil.Process().memory_info().rss // 1_000_000 + 300
    label, *_ = open_search(connections, "run-1", make_search_plan(search=search, max_memory_mb=limit))
    context = multiprocessing.get_context("fork")
    process = context.Process(target=train_with, args=(fit, label, connections))

    process.start()
    process.join(60)

    assert process.exitcode == 1
    (error,) = list_errors(connections, "failed")
    assert f"needs more than the {limit:,} MB that its plan allows" in error
    if fit is take_at_once:  # the process was ended, so Airflow tries again
        with pytest.raises(TrainingError, match="that its plan allows"):
            train(label, TaskRun("run-1", try_number=2), connections)


def test_who_takes_less_is_trained(connections: Connections) -> None:
    limit = psutil.Process().memory_info().rss // 1_000_000 + 2_000
    label, *_ = open_search(connections, "run-1", make_search_plan(search=None, max_memory_mb=limit))

    assert train(label, TaskRun("run-1"), connections) == 1


def test_a_process_of_another_definition_does_not_decide_that_one_has_failed(connections: Connections) -> None:
    limit = psutil.Process().memory_info().rss // 1_000_000 + 300
    open_search(connections, "run-1", make_search_plan(max_memory_mb=limit))
    rows = Ledger(connections.models_db).list_definitions("run-1")
    alphas = {row["label"]: row["definition"]["model"]["options"]["alpha"] for row in rows}
    modest = next(label for label, alpha in alphas.items() if alpha != 10.0)
    greedy = next(label for label, alpha in alphas.items() if alpha == 10.0)
    fit = ScikitModelMultinomialNaiveBayes.fit

    def take(self: Any, *arguments: Any) -> Any:
        return take_at_once() if self.options.alpha == 10.0 else fit(self, *arguments)

    for label, failed in ((modest, 0), (greedy, 1)):
        process = multiprocessing.get_context("fork").Process(target=train_with, args=(take, label, connections))
        process.start()
        process.join(60)
        assert (process.exitcode, count_states(connections)["failed"]) == (1, failed)
