"""`pipeline runs show --plot` and `models show --plot` on a real database, as a user runs them."""

import subprocess
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from commands import run_pipeline
from factories import make_answers
from integration.registry.client import DEFINITIONS, LABELS, open_run, save
from pipeline.plans.settings import Settings
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.trials import Trial, Trials

COSTS = {LABELS[0]: (0.9, 4.0), LABELS[1]: (0.8, 2.0), LABELS[2]: (0.1, 1.0)}
"""Accuracy and training seconds. Of ten answers, those of the first two models differ in one, so that they tie."""
SCORES: dict[str, Any] = {
    "accuracy": 0.9,
    "macro_f1": 0.8,
    "accuracy_interval": [0.8, 0.95],
    "baseline_accuracy": 0.5,
    "classes": ["ham", "spam"],
    "confusion_matrix": [[5, 0], [2, 3]],
    "per_class": {
        "ham": {"precision": 0.71, "recall": 1.0, "f1": 0.83, "support": 5},
        "spam": {"precision": 1.0, "recall": 0.6, "f1": 0.75, "support": 5},
    },
}
CURVES = {
    "reliability": [{"count": 10, "confidence": 0.9, "accuracy": 0.8}],
    "calibration_error": 0.1,
    "precision_recall": {},
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(models_url: str) -> Run:
    """Return a function that runs `pipeline …` on the models database."""
    names = ("AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS")
    return partial(run_pipeline, dict.fromkeys(names, models_url))


def make_run(database: Database, **settings: Any) -> None:
    """Write a run of three models and one definition that has failed."""
    open_run(database, *DEFINITIONS, settings=Settings.model_validate(settings))
    for definition, (accuracy, seconds) in zip(DEFINITIONS, COSTS.values(), strict=False):
        Ledger(database).begin_training("run-1", definition.label, host="machine-1")
        right = round(10 * accuracy)
        answers = make_answers("a" * right + "b" * (10 - right), "a" * 10)
        save(database, definition, accuracy=accuracy, step_seconds={"fit_model": seconds}, answers=answers)
    Ledger(database).record_error("run-1", LABELS[3], "no words", final=True)


def test_a_run_shows_what_is_worth_its_cost_and_who_worked_when(run: Run, models_db: Database) -> None:
    make_run(models_db)

    done = run("runs", "show", "run-1", "--plot")

    assert done.returncode == 0, done.stderr
    assert "run run-1: 4 permutations: 3 trained, 1 failed" in done.stdout
    assert "3 models, chosen by accuracy on this same testing set" in done.stdout
    assert "Accuracy by training seconds\n" in done.stdout
    assert f"The cheapest that ties with the best is {LABELS[1]} (2.0 s, 0.800); the best is {LABELS[0]}" in done.stdout
    assert "How " not in done.stdout
    assert "Who worked when" in done.stdout
    assert {"●", "○", "◆", "─"} <= set(done.stdout)
    assert "\x1b" not in done.stdout
    pictures = [line for line in done.stdout.splitlines() if set(line) & set("│┤└")]
    assert max(map(len, pictures)) == 80


def test_a_search_shows_how_scores_grew(run: Run, models_db: Database) -> None:
    make_run(models_db, search={"factor": 2, "smallest": 0.2})
    with Trials(models_db, "run-1", LABELS[0]).hold() as holder:
        for label, score in ((LABELS[0], 0.4), (LABELS[1], 0.6), (LABELS[3], 0.3)):
            trial = holder.begin(lambda *_, label=label: Trial(label, 0))
            assert trial
            holder.end(trial, 50, score, 0.5)

    done = run("runs", "show", "run-1", "--plot")

    assert done.returncode == 0, done.stderr
    assert "How accuracy grew in the search" in done.stdout
    assert f"2 of 3 definitions were trained in full; the best of them, {LABELS[0]}, was number 2 of 3" in done.stdout


def test_a_run_without_models_says_so(run: Run, models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)

    done = run("runs", "show", "run-1", "--plot")

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("This run has no models yet.\n")


def test_models_of_other_testing_sets_are_not_drawn_among_those_that_compare(run: Run, models_db: Database) -> None:
    make_run(models_db)
    save(models_db, DEFINITIONS[3], answers=make_answers("abab", "abbb"))

    done = run("runs", "show", "run-1", "--plot")

    assert done.returncode == 0, done.stderr
    assert "3 models, chosen by accuracy" in done.stdout
    assert "Models of 1 other testing set are not drawn: their scores do not compare." in done.stdout


def test_a_model_shows_its_classes_its_confusions_and_its_reliability(run: Run, models_db: Database) -> None:
    definition = DEFINITIONS[0]
    open_run(models_db, definition)
    save(models_db, definition, scores=SCORES, lineage={"seed": 0, "examples": {}}, curves=CURVES)

    done = run("models", "show", f"{definition.label}@1", "--plot")
    table = run("models", "show", definition.label)

    assert (done.returncode, table.returncode) == (0, 0), done.stderr + table.stderr
    lines = done.stdout.splitlines()
    first = lines.index("F1 by class, with the number of testing examples")
    assert [line.split()[0] for line in lines[first + 1 : first + 3]] == ["spam", "ham"]
    assert "Most often spam is answered as ham: 2 examples, 40 % of the class." in done.stdout
    assert "On average it is 90.0 % sure, and 80.0 % of its answers are right" in done.stdout
    assert "\x1b" not in done.stdout
    assert lines[: first - 1] == table.stdout.splitlines()[: first - 1]
    assert "precision" in table.stdout.splitlines()[first]


@pytest.mark.parametrize("command", [("runs", "show", "run-1"), ("models", "show", "a-label")])
def test_pictures_are_no_json(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "--plot", "--json")

    assert (done.returncode, done.stdout) == (1, "")
    assert "--plot: pictures have no form in JSON; leave out --plot or --json" in done.stderr


def test_an_unknown_run_is_named(run: Run) -> None:
    done = run("runs", "show", "nope", "--plot")

    assert done.returncode == 1
    assert "nope" in done.stderr
