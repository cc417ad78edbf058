"""The leaderboard's best model, and which differ from it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from factories import make_answers, make_trained_model
from integration.registry.client import DEFINITIONS, LABELS, Client, forget_answers, open_run, save
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

TRUTHS = "a" * 8


@pytest.fixture(autouse=True)
def run(models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)


def list_ranks(client: Client, **query: Any) -> dict[str, tuple[bool, float | None, bool | None]]:
    """Return what is said of each model besides its scores, by its label."""
    models = [row["model"] for row in client.get("/definitions", **query)["items"] if row["model"]]
    return {model["label"]: (model["best"], model["p_value"], model["tie"]) for model in models}


def test_a_difference_is_significant_or_a_tie_with_the_best(client: Client, models_db: Database) -> None:
    for number, (accuracy, wrong) in enumerate(((1.0, 0), (0.25, 6))):
        answers = make_answers("b" * wrong + "a" * (8 - wrong), TRUTHS)
        save(models_db, DEFINITIONS[number], accuracy=accuracy, answers=answers)

    # all of six of equal chance on one side: twice a half to that power
    assert list_ranks(client) == {LABELS[0]: (True, 1.0, False), LABELS[1]: (False, 0.03125, False)}


def test_the_more_models_are_compared_the_larger_a_difference_must_be(client: Client, models_db: Database) -> None:
    for number, (accuracy, wrong) in enumerate(((1.0, 0), (0.25, 6), (0.0, 8))):
        answers = make_answers("b" * wrong + "a" * (8 - wrong), TRUTHS)
        save(models_db, DEFINITIONS[number], accuracy=accuracy, answers=answers)

    # the largest of the differences among three equal models has a p-value of 0.03125 in 8 % of cases
    expected = {LABELS[0]: (True, 1.0, False), LABELS[1]: (False, 0.03125, True), LABELS[2]: (False, 0.0078125, False)}
    assert list_ranks(client) == expected
    models = [row["model"] for row in client.get("/definitions")["items"] if row["model"]]
    assert [model["compared"] for model in models] == [3, 3, 3]
    assert models[1]["adjusted_p_value"] == pytest.approx(0.0796, abs=0.001)


def test_what_was_held_back_ranks_and_decides_ties(client: Client, models_db: Database) -> None:
    tested = make_answers("a" * 8, TRUTHS)
    for number, (mean, wrong) in enumerate(((0.25, 6), (1.0, 0))):
        chosen = make_answers("d" * wrong + "c" * (8 - wrong), "c" * 8)
        validation = {"count": 8, "mean": {"accuracy": mean, "macro_f1": mean}}
        given: dict[str, Any] = {"accuracy": 0.9 - number / 10, "validation": validation}
        save(models_db, DEFINITIONS[number], **given, answers=tested, validation_answers=chosen)
    save(models_db, DEFINITIONS[2], accuracy=0.95, answers=tested)

    expected = {LABELS[1]: (True, 1.0, False), LABELS[0]: (False, 0.03125, False), LABELS[2]: (True, 1.0, False)}
    assert list_ranks(client) == expected
    ranks = {row["label"]: row["model"]["rank"] for row in client.get("/definitions")["items"] if row["model"]}
    assert ranks == {LABELS[1]: 1, LABELS[0]: 2, LABELS[2]: 1}


def test_the_metric_of_a_run_ranks_its_models_and_another_one_can_be_asked_for(
    client: Client, models_db: Database
) -> None:
    with models_db.connection() as connection:
        connection.execute("UPDATE runs SET metric = 'balanced_accuracy'")
    shares = ([0.25, 0.25, 0.25, 0.25], [0.25, 0, 0, 0])
    for number, (accuracy, each) in enumerate(((0.8, shares[0]), (0.9, shares[1]))):
        answers = replace(make_answers("aabb", "aabb"), shares=np.array(each, np.float32).tobytes())
        scores: dict[str, Any] = {"accuracy": accuracy, "balanced_accuracy": sum(each)}
        save(models_db, DEFINITIONS[number], **scores, answers=answers, metric="balanced_accuracy")

    page = client.get("/definitions", run="run-1")
    assert page["metric"] == {
        "name": "balanced_accuracy", "title": "balanced accuracy", "lower_is_better": False
    }  # fmt: skip
    assert [row["model"]["score"] for row in page["items"][:2]] == [1.0, 0.25]
    assert page["items"][1]["model"]["p_value"] == pytest.approx(0.25, abs=0.02)
    other = client.get("/definitions", run="run-1", metric="accuracy")
    assert [row["model"]["score"] for row in other["items"][:2]] == [0.9, 0.8]
    assert client.get("/definitions")["metric"]["name"] == "accuracy"


def test_another_metric_than_there_is_is_refused(client: Client) -> None:
    status, detail = client.refuse("GET", "/definitions", params={"metric": "auc"})

    assert status == 422
    assert "'auc' is no metric; allowed are accuracy" in detail


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


@pytest.mark.parametrize("sort", ["accuracy", "macro_f1", "gain"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_models_of_one_testing_set_stand_together_in_every_order_of_scores(
    client: Client, models_db: Database, sort: str, sign: str
) -> None:
    for number, (accuracy, truths) in enumerate(((0.9, "aabb"), (0.8, "abab"), (0.7, "aabb"), (0.6, "abab"))):
        save(models_db, DEFINITIONS[number], accuracy=accuracy, macro_f1=accuracy, answers=make_answers("aaaa", truths))

    models = [row["model"] for row in client.get("/definitions", sort=sign + sort)["items"]]

    sets = [model["testing_set"]["digest"] for model in models]
    assert sets[0] == sets[1] != sets[2] == sets[3]
    assert sorted(model["rank"] for model in models) == [1, 1, 2, 2]
    assert [model["rank"] for model in models] == ([2, 1, 2, 1] if sign == "" else [1, 2, 1, 2])


def test_a_model_tells_what_it_was_tested_on(client: Client, models_db: Database) -> None:
    testing = {
        "count": 43,
        "digest": "d" * 64,
        "first": "2016-01-02T00:00:00+00:00",
        "last": "2016-01-03T00:00:00+00:00",
    }
    save(models_db, DEFINITIONS[0], lineage={"seed": 0, "examples": {"testing": testing}})
    expected = {
        "digest": "d" * 64, "collection": "default", "examples": 43,
        "first": "2016-01-02T00:00:00Z", "last": "2016-01-03T00:00:00Z",
    }  # fmt: skip
    AliasesStore(models_db).move("champion", LABELS[0], "ann", "the only one")

    assert client.get("/definitions")["items"][0]["model"]["testing_set"] == expected
    assert client.get("/models")["items"][0]["testing_set"] == expected
    assert client.get(f"/models/{LABELS[0]}")["testing_set"] == expected
    assert client.get("/aliases")[0]["testing_set"] == expected


def test_models_of_one_testing_set_are_compared_whether_or_not_their_answers_are_stored(
    client: Client, models_db: Database
) -> None:
    lineage = {"seed": 0, "examples": {"testing": {"digest": "d"}}}
    for number, accuracy in enumerate((0.9, 0.8)):
        save(models_db, DEFINITIONS[number], accuracy=accuracy, lineage=lineage)
    forget_answers(models_db, LABELS[0])

    assert list_ranks(client) == {LABELS[0]: (True, None, None), LABELS[1]: (False, None, None)}


def test_what_speaks_against_a_model_is_told_wherever_it_is_listed(client: Client, models_db: Database) -> None:
    marked = make_trained_model(DEFINITIONS[0]).scores | {"marks": ["one class", "below majority"]}
    save(models_db, DEFINITIONS[0], scores=marked)
    save(models_db, DEFINITIONS[1])

    found = {row["label"]: row["model"] and row["model"]["marks"] for row in client.get("/definitions")["items"]}

    assert [found[label] for label in LABELS[:3]] == [["one class", "below majority"], [], None]
    assert [row["marks"] for row in client.get("/models")["items"]] == [[], ["one class", "below majority"]]
    assert client.get(f"/models/{LABELS[0]}")["marks"] == ["one class", "below majority"]
