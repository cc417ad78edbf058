"""The leaderboard's best model, and which differ from it."""

from typing import Any

import pytest

from factories import make_answers
from integration.registry.client import DEFINITIONS, LABELS, Client, forget_answers, open_run, save
from pipeline.stores.database import Database

TRUTHS = "a" * 8


@pytest.fixture(autouse=True)
def run(models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)


def list_ranks(client: Client, **query: Any) -> dict[str, tuple[bool, float | None, bool | None]]:
    """Return what is said of each model besides its scores, by its label."""
    models = [row["model"] for row in client.get("/definitions", **query)["items"] if row["model"]]
    return {model["label"]: (model["best"], model["p_value"], model["tie"]) for model in models}


def test_a_difference_is_significant_or_a_tie_with_the_best(client: Client, models_db: Database) -> None:
    for number, (accuracy, wrong) in enumerate(((1.0, 0), (0.375, 5), (0.25, 6))):
        answers = make_answers("b" * wrong + "a" * (8 - wrong), TRUTHS)
        save(models_db, DEFINITIONS[number], accuracy=accuracy, answers=answers)

    # all of five or six of equal chance on one side: twice a half to that power
    expected = {LABELS[0]: (True, 1.0, False), LABELS[1]: (False, 0.0625, True), LABELS[2]: (False, 0.03125, False)}
    assert list_ranks(client) == expected


def test_the_best_is_the_best_of_all_pages(client: Client, models_db: Database) -> None:
    for number, (accuracy, wrong) in enumerate(((1.0, 0), (0.25, 6))):
        answers = make_answers("b" * wrong + "a" * (8 - wrong), TRUTHS)
        save(models_db, DEFINITIONS[number], accuracy=accuracy, answers=answers)

    assert list_ranks(client, limit=1, offset=1) == {LABELS[1]: (False, 0.03125, False)}
    assert list_ranks(client, label=LABELS[1]) == {LABELS[1]: (True, 1.0, False)}  # of all that are asked for


def test_the_best_is_the_best_on_the_same_testing_set(client: Client, models_db: Database) -> None:
    for number, (accuracy, truths) in enumerate(((0.9, "aabb"), (0.8, "abab"), (0.7, "abab"))):
        save(models_db, DEFINITIONS[number], accuracy=accuracy, answers=make_answers("aaaa", truths))

    expected = {LABELS[0]: (True, 1.0, False), LABELS[1]: (True, 1.0, False), LABELS[2]: (False, 1.0, True)}
    assert list_ranks(client) == expected


def test_models_without_stored_answers_are_compared_with_none(client: Client, models_db: Database) -> None:
    for number, accuracy in enumerate((0.9, 0.8, 0.7)):
        save(models_db, DEFINITIONS[number], accuracy=accuracy)
    forget_answers(models_db, LABELS[0])

    expected = {LABELS[0]: (False, None, None), LABELS[1]: (True, 1.0, False), LABELS[2]: (False, 1.0, True)}
    assert list_ranks(client) == expected


def test_of_two_models_with_equal_accuracy_the_one_with_the_higher_f1_is_the_best(
    client: Client, models_db: Database
) -> None:
    for number, macro_f1 in enumerate((0.5, 0.6)):
        save(models_db, DEFINITIONS[number], accuracy=0.9, macro_f1=macro_f1)

    assert list_ranks(client) == {LABELS[0]: (False, 1.0, True), LABELS[1]: (True, 1.0, False)}


def test_the_best_is_marked_wherever_it_is_listed(client: Client, models_db: Database) -> None:
    first, second, *_ = DEFINITIONS
    open_run(models_db, first, second, run_id="run-2", duplicates={second.label: first.label})
    save(models_db, first, "run-2")

    rows = client.get("/definitions", run="run-2")["items"]

    assert [row["model"]["best"] for row in rows] == [True, True]
    assert client.get("/definitions", run="run-2")["total"] == 2
