"""Evaluations over the API: listed with their model, and compared with whatever answered the same examples."""

from typing import Any

import pytest

from factories import make_answers, make_document, make_evaluation
from integration.registry.client import DEFINITIONS, LABELS, Client, open_run, save
from pipeline.registry.against_best import rank_evaluations
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.evaluations import Evaluation, EvaluationsStore

CHAMPION, CHALLENGER, OTHER = LABELS[:3]
OLD, NEW = "aabb", "abababab"
"""The classes of the examples that the champion was tested on, and of newer ones, which tested the challenger."""


@pytest.fixture(autouse=True)
def three_models(models_db: Database) -> None:
    """Two models that were tested on old examples, and one on new ones."""
    open_run(models_db, *DEFINITIONS[:3])
    save(models_db, DEFINITIONS[0], answers=make_answers("aabb", OLD))
    save(models_db, DEFINITIONS[1], answers=make_answers("abababab", NEW))
    save(models_db, DEFINITIONS[2], answers=make_answers("abba", OLD))
    AliasesStore(models_db).move("champion", CHAMPION, "ann", "the best")


def evaluate(database: Database, label: str, answers: str, run_id: str = "evaluated", **overrides: Any) -> Evaluation:
    """Store what a model answered to the newer examples."""
    made = make_evaluation(label, run_id=run_id, answers=make_answers(answers, NEW), **overrides)
    EvaluationsStore(database).save(made)
    return made


def compare(client: Client, *references: str, **query: Any) -> Any:
    return client.get("/comparison", model=[*references], **query)


def test_a_models_evaluations_are_listed_the_newest_first(client: Client, models_db: Database) -> None:
    made = [evaluate(models_db, CHAMPION, "aaaaaaaa", run_id) for run_id in ("one", "two")]
    evaluate(models_db, OTHER, "bbbbbbbb")

    page = client.get("/models/@champion/evaluations")
    first, second = (client.get(f"/models/{CHAMPION}/evaluations", limit=1, offset=offset) for offset in (0, 1))

    assert [row["run_id"] for row in page["items"]] == ["two", "one"]
    assert page["items"][0] == {
        "evaluation_id": page["items"][0]["evaluation_id"],
        "label": CHAMPION,
        "version": 1,
        "run_id": "two",
        "dataset": None,
        "testing_set": {
            "digest": made[0].answers.testing_set.hex(),
            "collection": "default",
            "examples": 8,
            "first": "2016-02-01T00:00:00Z",
            "last": "2016-02-02T00:00:00Z",
        },
        "accuracy": 0.5,
        "accuracy_interval": [0.1, 0.9],
        "macro_f1": 0.4,
        "gain": -0.25,
        "marks": [],
        "unknown_examples": 0,
        "perhaps_trained": 0,
        "seconds": 0.25,
        "evaluated_at": page["items"][0]["evaluated_at"],
    }
    assert [row["run_id"] for row in (*first["items"], *second["items"])] == ["two", "one"]
    assert (first["total"], client.get(f"/models/{CHALLENGER}/evaluations")["items"]) == (2, [])
    assert client.refuse("GET", "/models/nobody/evaluations")[0] == 404


def test_a_champion_is_compared_on_the_examples_of_a_challenger(client: Client, models_db: Database) -> None:
    before = compare(client, "@champion", CHALLENGER)
    made = evaluate(models_db, CHAMPION, "abaaaaaa")

    after = compare(client, "@champion", CHALLENGER)

    assert (before["testing_set"], before["pairs"][0]["p_value"], before["disagreements"]) == (None, None, None)
    assert (after["testing_set"]["digest"], after["testing_set"]["models"]) == (made.answers.testing_set.hex(), 2)
    [pair] = after["pairs"]
    assert (pair["testing_examples"], pair["only_second_right"], pair["p_value"]) == (8, 3, 0.25)
    assert after["disagreements"]["total"] == 3
    champion, challenger = after["scores"]
    assert (champion["accuracy"], champion["gain"], challenger["evaluated_at"]) == (0.5, None, None)
    assert champion["evaluated_at"] is not None


def test_the_set_that_tested_all_of_them_comes_first_and_another_can_be_chosen(
    client: Client, models_db: Database
) -> None:
    made = [evaluate(models_db, label, answers) for label, answers in ((CHAMPION, NEW), (OTHER, "b" * 8))]
    digest = made[0].answers.testing_set.hex()

    own = compare(client, CHAMPION, OTHER)
    chosen = compare(client, CHAMPION, OTHER, testing_set=digest[:8])

    assert (own["testing_set"]["examples"], own["pairs"][0]["testing_examples"]) == (None, 4)
    assert [each["models"] for each in own["testing_sets"]] == [2, 2]
    assert (chosen["testing_set"]["digest"], chosen["pairs"][0]["only_first_right"]) == (digest, 4)


def test_of_a_set_that_one_has_not_answered_only_the_others_tell(client: Client, models_db: Database) -> None:
    made = evaluate(models_db, CHAMPION, NEW, scores=make_scores(per_class={"a": ROW}))

    compared = compare(client, CHAMPION, OTHER, testing_set=made.answers.testing_set.hex())

    assert (compared["scores"][1], compared["pairs"][0]["p_value"]) == (None, None)
    assert [each["f1"] for each in compared["classes"]] == [[0.5, None]]
    status, said = client.refuse("GET", "/comparison", params={"model": [CHAMPION, OTHER], "testing_set": "ffff"})
    assert (status, "'ffff' is no set that one of these models answered" in said) == (422, True)


ROW = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 4}


def make_scores(**overrides: Any) -> dict[str, Any]:
    return make_evaluation("x").scores | overrides


def test_the_newest_evaluation_of_a_set_counts(client: Client, models_db: Database) -> None:
    for run_id, answers in (("one", "a" * 8), ("two", NEW)):
        evaluate(models_db, CHAMPION, answers, run_id)

    assert compare(client, CHAMPION, CHALLENGER)["pairs"][0]["differing"] == 0


def test_what_an_earlier_document_answered_is_compared_with_nothing(client: Client, models_db: Database) -> None:
    evaluate(models_db, CHAMPION, NEW)
    save(models_db, DEFINITIONS[0], document=make_document(model="another"), answers=make_answers("aabb", OLD))

    assert compare(client, CHAMPION, CHALLENGER)["testing_set"] is None
    assert client.get(f"/models/{CHAMPION}/evaluations")["total"] == 0


def test_evaluations_of_a_run_are_tested_against_the_best(models_db: Database) -> None:
    for label, answers, accuracy in ((CHAMPION, "aaaaaaaa", 0.5), (CHALLENGER, NEW, 1.0), (OTHER, "babababa", 0.0)):
        evaluate(models_db, label, answers, scores=make_scores(accuracy=accuracy))
    store = EvaluationsStore(models_db)

    [group] = rank_evaluations(store.list_newest("evaluated"), store)

    assert [(each["label"], each["tie"]) for each in group] == [(CHALLENGER, False), (CHAMPION, True), (OTHER, False)]
    assert group[0]["p_value"] is None
    # McNemar's test tells 0.125 and 0.0078; adjusted for three models, both are more
    assert group[1]["p_value"] > 0.125
    assert 0.0078 < group[2]["p_value"] < 0.05
