"""The search of a run: who is tried, who is stopped, and what the ledger says, on real databases."""

import re
from typing import Any

import pytest

from integration.runs.searching import (
    count_states,
    count_trials,
    die_in_trial,
    make_connections,
    make_search_plan,
    open_search,
    work,
    work_together,
)
from pipeline.cache.cache import Cache
from pipeline.errors import DatabaseUnavailableError, TrainingError
from pipeline.models.scikit_model_multinomial_naive_bayes import ScikitModelMultinomialNaiveBayes
from pipeline.plans import expand
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.search import UndecidedError
from pipeline.runs.splits import preview_splits
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.stores.models.trials import Trial, Trials, list_trials
from pipeline.training.examples import fetch
from pipeline.training.lineage import TaskRun
from pipeline.training.part import choose_rows


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    return make_connections(examples_db, models_db, postgres_url)


def test_the_best_third_of_each_rung_goes_on(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())

    stopped = work("run-1", labels, connections)

    assert count_states(connections) == {"stopped": 11, "trained": 1}
    assert count_trials(connections) == {0: 12, 1: 4}
    assert len(stopped) == 11
    run = Ledger(connections.models_db).get_run("run-1")
    assert (run["permutations"], run["trained"], run["stopped"]) == (12, 1, 11)


def test_the_first_task_instance_tries_all_and_the_others_end_at_once(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())

    work("run-1", labels[:1], connections)

    assert count_trials(connections) == {0: 12, 1: 4}
    assert {row["tried_by"] for row in list_trials(connections.models_db, "run-1")} == {labels[0]}


def test_what_took_longest_in_a_rung_is_tried_first_in_the_next(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    work("run-1", labels[:1], connections)
    again = [row["label"] for row in list_trials(connections.models_db, "run-1") if row["rung"] == 1]
    stopped = next(label for label in labels[1:] if label not in again)
    with connections.models_db.connection() as connection:
        connection.execute("DELETE FROM trials WHERE rung = 1")
        connection.execute(
            "UPDATE trials SET ended_at = began_at + array_position(%(again)s, label) * interval '1 minute'"
            " WHERE label = ANY(%(again)s)",
            {"again": again},
        )

    work("run-1", [stopped], connections)

    assert [row["label"] for row in list_trials(connections.models_db, "run-1") if row["rung"] == 1] == again[::-1]


def test_trials_are_on_parts_of_the_training_set_alone(connections: Connections) -> None:
    """240 examples, of which 192 train; of these the newest sixth compares, and 160 are left."""
    labels = open_search(connections, "run-1", make_search_plan())
    work("run-1", labels[:1], connections)

    examples = {row["rung"]: row["examples"] for row in list_trials(connections.models_db, "run-1")}

    assert 160 / 9 <= examples[0] <= 160 / 9 + 3
    assert 160 / 3 <= examples[1] <= 160 / 3 + 3


def test_the_reason_says_what_was_better(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    work("run-1", labels, connections)

    errors = {row["error"] for row in Ledger(connections.models_db).list_definitions("run-1") if row["error"]}

    accuracy = r"accuracy 0\.\d{4} \(macro F1 0\.\d{4}\) with"
    for pattern in (
        f"rung 1 of 2: {accuracy} 1/9 of the training examples, not among the best 4 of 12",
        f"rung 2 of 2: {accuracy} 1/3 of the training examples, not among the best 1 of 4",
    ):
        assert any(re.fullmatch(pattern, each) for each in errors)


@pytest.mark.parametrize("kills", [0, 2])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_are_stopped_however_many_workers_there_are(
    connections: Connections, workers: int, kills: int
) -> None:
    plan = make_search_plan()
    labels = open_search(connections, "alone", plan)
    work("alone", labels, connections)
    expected = {
        row["label"]: (row["state"], row["error"]) for row in Ledger(connections.models_db).list_definitions("alone")
    }

    for run_id in ("first", "second"):
        order = open_search(connections, run_id, plan)[:: 1 if run_id == "first" else -1]
        assert work_together(run_id, order, connections, workers, kills) == expected

    query = "SELECT count(DISTINCT document_sha256) FROM models"
    with connections.models_db.connection() as connection:
        assert connection.execute(query).fetchall() == [(1,)]


def test_a_definition_that_cannot_be_tried_fails_in_its_own_instance(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    fit = ScikitModelMultinomialNaiveBayes.fit

    def refuse(self: Any, *arguments: Any) -> Any:
        if self.options.alpha == 10.0:
            raise TrainingError("model", "this one cannot learn")
        return fit(self, *arguments)

    monkeypatch.setattr(ScikitModelMultinomialNaiveBayes, "fit", refuse)
    reasons = work("run-1", labels, connections)
    errors = {label: reason for label, reason in reasons.items() if "this one cannot learn" in reason}

    assert len(errors) == 3
    assert all("in a trial with 18 training examples" in each for each in errors.values())
    assert count_states(connections) == {"failed": 3, "stopped": 8, "trained": 1}
    rows = Ledger(connections.models_db).list_definitions("run-1")
    assert {row["label"]: row["error"] for row in rows if row["state"] == "failed"} == errors


def test_a_trial_whose_workers_died_twice_is_left_to_its_own_instance(connections: Connections) -> None:
    plan = make_search_plan()
    stopped = work("whole", open_search(connections, "whole", plan), connections)
    labels = open_search(connections, "run-1", plan)
    best = next(label for label in labels if label not in stopped)
    worst = next(label for label in labels if "rung 1" in stopped.get(label, ""))
    trials = Trials(connections.models_db, "run-1", best)
    for _ in range(2):
        die_in_trial(trials, Trial(worst, 0))

    with pytest.raises(UndecidedError) as raised:
        train(best, TaskRun("run-1"), connections)
    assert raised.value.left == [worst]
    assert count_trials(connections)[0] == 11

    work("run-1", [worst], connections)
    assert count_trials(connections) == {0: 12, 1: 4}


def test_a_search_goes_on_without_a_definition_of_which_every_worker_died(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan())
    trials = Trials(connections.models_db, "run-1", labels[0])
    for _ in range(6):
        die_in_trial(trials, Trial(labels[0], 0))

    Ledger(connections.models_db).give_up("run-1", labels[0])
    work("run-1", labels[1:], connections)

    assert count_states(connections) == {"failed": 1, "stopped": 10, "trained": 1}
    (failed, *_) = Ledger(connections.models_db).list_definitions("run-1")
    assert failed["error"] == "its task ended without a result; the log of the task instance says why"


def test_nobody_tries_what_another_worker_is_trying(connections: Connections) -> None:
    first, second, *_ = open_search(connections, "run-1", make_search_plan())

    with Trials(connections.models_db, "run-1", first).hold() as holder:
        holder.begin(lambda _: Trial(first, 0))
        with pytest.raises((StoppedError, UndecidedError)):
            train(second, TaskRun("run-1"), connections)
        tried = {
            row["label"] for row in list_trials(connections.models_db, "run-1") if row["rung"] == 0 and row["score"]
        }
        assert len(tried) == 11
        assert first not in tried


def test_an_error_that_may_pass_is_raised_where_it_happens(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = open_search(connections, "run-1", make_search_plan())

    def lose(*_: Any) -> Any:
        raise DatabaseUnavailableError("examples_db", "away")

    with monkeypatch.context() as patch:
        patch.setattr(Cache, "get", lose)
        with pytest.raises(DatabaseUnavailableError):
            train(labels[0], TaskRun("run-1"), connections)

    assert count_states(connections) == {"planned": 12}
    work("run-1", labels, connections)
    assert count_states(connections) == {"stopped": 11, "trained": 1}


def test_definitions_of_different_datasets_do_not_compete(connections: Connections) -> None:
    plan = make_search_plan()
    plan["dataset"]["options"]["training_ratio"] = [0.7, 0.8]
    labels = open_search(connections, "run-1", plan)

    work("run-1", labels, connections)

    rows = Ledger(connections.models_db).list_definitions("run-1")
    kept = [row["definition"]["dataset"]["options"]["training_ratio"] for row in rows if row["state"] == "trained"]
    assert sorted(kept) == [0.7, 0.8]


@pytest.mark.parametrize("held", [{"validation_ratio": [0.25]}, {"folds": [4]}])
def test_what_is_held_back_compares_the_trials(connections: Connections, held: dict[str, Any]) -> None:
    plan = make_search_plan()
    plan["dataset"]["options"] |= held
    labels = open_search(connections, "run-1", plan)

    work("run-1", labels, connections)

    assert count_states(connections) == {"stopped": 11, "trained": 1}
    (model,) = ModelsStore(connections.models_db).list_models()
    assert model["validation_set"] is not None


@pytest.mark.parametrize(
    "held",
    [{}, {"split": ["random"]}, {"validation_ratio": [0.25]}, {"folds": [4]}, {"folds": [4], "split": ["random"]}],
)
def test_the_preview_knows_how_many_examples_train_and_compare(connections: Connections, held: dict[str, Any]) -> None:
    plan = make_search_plan()
    plan["dataset"]["options"] |= held
    store = ExamplesStore(connections.examples_db, connections.keyring)
    definitions = expand(plan).definitions
    (split,) = preview_splits(definitions, ExamplesSurvey(connections.examples_db), lambda: store)

    data = fetch(split.dataset, store, Cache(connections.cache_store, connections.models_db))
    trains, asked = choose_rows(data, split.dataset.draw_seed, 0)

    assert split.tried == pytest.approx((len(trains), len(asked)), abs=2)


@pytest.mark.parametrize("metric", ["log_loss", "macro_f1", "recall:metal"])
def test_the_metric_of_the_plan_ranks_the_trials(connections: Connections, metric: str) -> None:
    labels = open_search(connections, "run-1", make_search_plan(metric=metric))
    work("run-1", labels, connections)

    ranked = sorted(
        (row for row in list_trials(connections.models_db, "run-1") if row["rung"] == 0), key=lambda row: -row["score"]
    )

    went_on = {row["label"] for row in list_trials(connections.models_db, "run-1") if row["rung"] == 1}
    assert min(row["score"] for row in ranked if row["label"] in went_on) >= ranked[4]["score"]
    assert all((row["score"] < 0) == (metric == "log_loss") for row in ranked if row["score"])


def test_a_metric_of_a_class_that_no_example_has_fails_before_the_first_trial(connections: Connections) -> None:
    labels = open_search(connections, "run-1", make_search_plan(metric="f1:nothing"))

    reasons = work("run-1", labels, connections)

    assert all("is of class 'nothing'" in each for each in reasons.values())
    assert count_states(connections) == {"failed": 12}
    assert count_trials(connections) == {}


def test_trees_are_a_resource(connections: Connections) -> None:
    plan = make_search_plan(
        model={
            "name": "scikit_model_random_forest",
            "options": {"n_estimators": [9], "max_depth": [1, 4], "min_samples_leaf": [1, 3]},
        },
        search={"resource": "trees"},
    )
    labels = open_search(connections, "run-1", plan)

    work("run-1", labels, connections)

    assert {row["examples"] for row in list_trials(connections.models_db, "run-1")} == {160}
    errors = [row["error"] for row in Ledger(connections.models_db).list_definitions("run-1") if row["error"]]
    assert "with 1/9 of the trees" in " ".join(errors)
