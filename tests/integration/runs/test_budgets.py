"""Budgets of a run: how many may fail, and when the last begins."""

from typing import Any

import pytest

from integration.runs.searching import count_states, list_errors, make_connections, make_search_plan, open_search, work
from pipeline.errors import TrainingError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.runs.announce import notify
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.search import search
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    return make_connections(examples_db, models_db, postgres_url)


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


def test_what_was_trained_in_time_is_trained_again_and_what_was_stopped_stays_stopped_if_it_is_cleared_later(
    connections: Connections,
) -> None:
    labels = open_search(connections, "run-1", make_search_plan(max_minutes=30))
    stopped = work("run-1", labels, connections)
    notify("run-1", connections)
    make_late(connections)

    assert work("run-1", labels, connections) == stopped
    assert count_states(connections) == {"stopped": 11, "trained": 1}


def test_a_search_whose_full_training_lost_its_worker_goes_on_after_the_last_minute(connections: Connections) -> None:
    plan = make_search_plan(max_minutes=30)
    stopped = work("whole", open_search(connections, "whole", plan), connections)
    labels = open_search(connections, "run-1", plan)
    (best,) = {*labels} - {*stopped}
    work("run-1", [label for label in labels if label != best], connections)
    Ledger(connections.models_db).begin_training("run-1", best)
    make_late(connections)

    assert train(best, TaskRun("run-1", try_number=2), connections) == 2  # as the whole run before


def test_failures_before_a_clearing_do_not_count(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that may pass is recorded too, after two others have failed for good in the closed run."""
    with monkeypatch.context() as patch:
        fail_first(patch, 0.01, 0.1)
        labels = open_search(connections, "run-1", make_search_plan(max_failures=2))
        work("run-1", labels, connections)
    notify("run-1", connections)
    ledger = Ledger(connections.models_db)
    cleared = [row["label"] for row in ledger.list_definitions("run-1") if row["state"] == "cancelled"]

    for label in cleared:
        ledger.plan("run-1", label, again=True)
    ledger.record_error("run-1", cleared[0], "the database is away", final=False)

    assert count_states(connections) == {"failed": 2, "planned": len(cleared)}


def test_what_a_budget_cancels_while_it_begins_is_not_taken_for_cleared(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_first(monkeypatch, 0.01, 0.1)
    labels = open_search(connections, "run-1", make_search_plan(max_failures=2))
    work("run-1", labels, connections)
    rows = Ledger(connections.models_db).list_definitions("run-1")
    cancelled = next(row["label"] for row in rows if row["state"] == "cancelled")

    with pytest.raises(StoppedError, match="max_failures is 2"):
        search(cancelled, TaskRun("run-1"), connections, lambda: True)


def test_a_resumed_run_begins_anew_also_if_nobody_closed_it(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(search=None, max_minutes=30))
    make_late(connections)

    Ledger(connections.models_db).plan_again("run-1")

    assert train(labels[0], TaskRun("run-1"), connections) == 1
