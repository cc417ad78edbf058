"""Budgets of a run: how many may fail, when the last begins, and how much memory a training may take."""

import multiprocessing
import time
from collections import Counter
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
import pytest

from integration.runs.searching import make_connections, make_search_plan, open_search, work
from pipeline.errors import TrainingError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.runs.announce import notify
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    return make_connections(examples_db, models_db, postgres_url)


def count_states(connections: Connections) -> Counter[str]:
    return Counter(row["state"] for row in Ledger(connections.models_db).list_definitions("run-1"))


def list_errors(connections: Connections, state: str) -> set[str]:
    rows = Ledger(connections.models_db).list_definitions("run-1")
    return {row["error"] for row in rows if row["state"] == state}


def make_late(connections: Connections, minutes: int = 31) -> None:
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE runs SET began_at = began_at - make_interval(mins => %s)", [minutes])


def fail_first(monkeypatch: pytest.MonkeyPatch, *alphas: float) -> None:
    fit = ScikitModelMultinomialNaiveBayes.fit

    def refuse(self: Any, *arguments: Any) -> Any:
        if self.options.alpha in alphas:
            raise TrainingError("model", "this one cannot learn")
        return fit(self, *arguments)

    monkeypatch.setattr(ScikitModelMultinomialNaiveBayes, "fit", refuse)


@pytest.mark.parametrize(("budget", "failed"), [(2, 2), (0.25, 3), (3, 3)])
def test_once_so_many_have_failed_the_rest_is_cancelled(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, budget: float, failed: int
) -> None:
    fail_first(monkeypatch, 0.01, 0.1, 1.0)
    labels = open_search(connections, "run-1", make_search_plan(search=None, max_failures=budget))

    reasons = work("run-1", labels, connections)

    assert count_states(connections) == {"failed": failed, "cancelled": 12 - failed}
    said = f"{failed} of 12 definitions have failed, and max_failures is {budget}"
    assert list_errors(connections, "cancelled") == {said}
    assert sum(said in reason for reason in reasons.values()) == 12 - failed


def test_what_was_trained_before_is_kept_and_announced(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_first(monkeypatch, 0.1)
    labels = open_search(connections, "run-1", make_search_plan(search=None, max_failures=1))

    work("run-1", labels, connections)
    notify("run-1", connections)

    assert count_states(connections) == {"trained": 1, "failed": 1, "cancelled": 10}
    assert Ledger(connections.models_db).is_settled("run-1")


def test_what_a_budget_cancelled_is_trained_if_somebody_clears_it_after_the_run(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_first(patch, 0.1)
        labels = open_search(connections, "run-1", make_search_plan(search=None, max_failures=1))
        work("run-1", labels, connections)
    notify("run-1", connections)

    for label in labels[2:4]:
        assert train(label, TaskRun("run-1"), connections) == 1


def test_a_resumed_run_counts_failures_anew(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        fail_first(patch, 0.1)
        labels = open_search(connections, "run-1", make_search_plan(search=None, max_failures=1))
        work("run-1", labels, connections)
    notify("run-1", connections)

    Ledger(connections.models_db).plan_again("run-1")
    work("run-1", labels[1:], connections)

    assert count_states(connections) == {"trained": 12}


def test_failures_end_a_search_too(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_first(monkeypatch, 0.01, 0.1)
    labels = open_search(connections, "run-1", make_search_plan(max_failures=2))

    work("run-1", labels, connections)

    assert count_states(connections)["failed"] == 2
    assert count_states(connections)["cancelled"] > 0
    assert count_states(connections)["trained"] == 0


def test_nothing_begins_after_the_last_minute(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(search=None, max_minutes=30))
    train(labels[0], TaskRun("run-1"), connections)
    make_late(connections)

    reasons = work("run-1", labels[1:], connections)

    assert count_states(connections) == {"trained": 1, "stopped": 11}
    assert list_errors(connections, "stopped") == {"not begun within the 30 minutes of max_minutes"}
    assert len(reasons) == 11


def test_what_has_begun_goes_on_after_the_last_minute(connections: Connections) -> None:
    label, *_ = open_search(connections, "run-1", make_search_plan(search=None, max_minutes=30))
    Ledger(connections.models_db).begin_training("run-1", label)  # by a worker that died
    make_late(connections)

    assert train(label, TaskRun("run-1", try_number=2), connections) == 1


def test_the_minutes_of_a_resumed_run_begin_anew(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(search=None, max_minutes=30))
    make_late(connections)
    with pytest.raises(StoppedError):
        train(labels[0], TaskRun("run-1"), connections)
    notify("run-1", connections, cancelled=True)
    assert count_states(connections) == {"stopped": 1, "cancelled": 11}

    Ledger(connections.models_db).plan_again("run-1")
    work("run-1", labels, connections)

    assert count_states(connections) == {"trained": 12}


def test_no_trial_begins_after_the_last_minute(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(max_minutes=30))
    make_late(connections)

    work("run-1", labels, connections)

    assert count_states(connections) == {"stopped": 12}
    with connections.models_db.connection() as connection:
        assert connection.execute("SELECT count(*) FROM trials").fetchall() == [(0,)]


def test_one_that_ran_out_of_minutes_and_is_cleared_tries_the_others_and_ends(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(max_minutes=30))
    make_late(connections)
    work("run-1", labels, connections)
    notify("run-1", connections)

    reasons = work("run-1", labels[5:7], connections)

    assert all("not among the best" in each for each in reasons.values())
    assert count_states(connections)["stopped"] == 10 + len(reasons)
    assert count_states(connections)["trained"] == 2 - len(reasons)
    assert list_errors(connections, "stopped") >= {"not begun within the 30 minutes of max_minutes"}
    notify("run-1", connections)
    Ledger(connections.models_db).plan_again("run-1")  # what ran out of minutes is still known
    assert count_states(connections)["planned"] == 10


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
