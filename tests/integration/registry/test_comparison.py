"""Models side by side: options, classes, pairs, and the examples on which they disagree."""

from typing import Any

import pytest

from factories import make_answers, make_definition
from integration.registry.client import LABELS, Client, forget_answers, open_run, save
from pipeline.examples.answers import seal_answers
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

ONE, OTHER, THIRD = (
    make_definition(sequence_length=1),
    make_definition(sequence_length=1, kernel="rbf"),
    make_definition(sequence_length=2),
)
TRUTHS = "aabb"
IDS = [seal_answers(bytes(32), [number.to_bytes(16, "big")], "a", "a").examples.hex() for number in range(4)]
PAIR_OF_UNKNOWN = {"first": 0, "second": 1} | dict.fromkeys(
    ("testing_examples", "differing", "only_first_right", "only_second_right", "p_value", "tie")
)


@pytest.fixture(autouse=True)
def three_models(models_db: Database) -> None:
    open_run(models_db, ONE, OTHER, THIRD)
    for definition, answers in ((ONE, "aaab"), (OTHER, "abbb"), (THIRD, "cbab")):
        save(models_db, definition, answers=make_answers(answers, TRUTHS))


def compare(client: Client, *references: str, **query: Any) -> Any:
    return client.get("/comparison", model=[*references], **query)


def test_only_options_that_differ_are_told(client: Client) -> None:
    compared = compare(client, ONE.label, OTHER.label, THIRD.label)

    assert [model["label"] for model in compared["models"]] == [ONE.label, OTHER.label, THIRD.label]
    assert compared["options"] == [
        {"section": "adapter", "option": "sequence_length", "values": [1, 1, 2]},
        {"section": "model", "option": "kernel", "values": ["linear", "rbf", "linear"]},
    ]
    assert compare(client, ONE.label, ONE.label)["options"] == []


def test_what_each_pair_answers_differently_is_counted(client: Client) -> None:
    pairs = compare(client, ONE.label, OTHER.label, THIRD.label)["pairs"]

    assert pairs[0] == {
        "first": 0,
        "second": 1,
        "testing_examples": 4,
        "differing": 2,
        "only_first_right": 1,
        "only_second_right": 1,
        "p_value": 1.0,
        "tie": True,
    }
    assert [(pair["first"], pair["second"], pair["differing"]) for pair in pairs] == [(0, 1, 2), (0, 2, 2), (1, 2, 2)]
    assert (pairs[1]["only_first_right"], pairs[1]["only_second_right"], pairs[1]["p_value"]) == (2, 0, 0.5)


def test_a_significant_difference_is_no_tie(client: Client, models_db: Database) -> None:
    for definition, answers in ((ONE, "aaaaaa"), (OTHER, "bbbbbb")):
        save(models_db, definition, answers=make_answers(answers, "aaaaaa"))

    [pair] = compare(client, ONE.label, OTHER.label)["pairs"]

    assert (pair["p_value"], pair["tie"]) == (0.03125, False)


def test_disagreements_have_equal_numbers_for_equal_answers(client: Client) -> None:
    found = compare(client, ONE.label, OTHER.label, THIRD.label)["disagreements"]

    assert found["total"] == 3
    expected = [
        {"example": IDS[0], "right": [True, True, False], "answers": [0, 0, 1]},
        {"example": IDS[1], "right": [True, False, False], "answers": [0, 1, 1]},
        {"example": IDS[2], "right": [False, True, False], "answers": [0, 1, 0]},
    ]
    assert found["items"] == sorted(expected, key=lambda item: str(item["example"]))


def test_disagreements_come_by_the_page(client: Client) -> None:
    labels = (ONE.label, OTHER.label, THIRD.label)
    pages = [compare(client, *labels, limit=2, offset=offset)["disagreements"] for offset in (0, 2, 4)]

    first, second, third = sorted(IDS[:3])
    assert [[item["example"] for item in page["items"]] for page in pages] == [[first, second], [third], []]
    assert [page["total"] for page in pages] == [3, 3, 3]


def test_models_that_answer_alike_have_no_disagreements(client: Client) -> None:
    compared = compare(client, ONE.label, ONE.label)

    assert compared["disagreements"]["items"] == []
    assert compared["pairs"][0]["p_value"] == 1


def test_models_of_different_testing_sets_are_not_compared_by_their_answers(
    client: Client, models_db: Database
) -> None:
    save(models_db, OTHER, answers=make_answers("aaab", "abab"))

    compared = compare(client, ONE.label, OTHER.label, THIRD.label)

    assert compared["disagreements"] is None
    assert compared["pairs"][0] == PAIR_OF_UNKNOWN
    assert [pair["p_value"] for pair in compared["pairs"]] == [None, 0.5, None]


def test_a_model_without_stored_answers_is_not_compared_by_them(client: Client, models_db: Database) -> None:
    forget_answers(models_db, OTHER.label)

    compared = compare(client, ONE.label, OTHER.label)

    assert compared["disagreements"] is None
    assert compared["pairs"] == [PAIR_OF_UNKNOWN]


def test_classes_are_told_with_what_differs_most_first(client: Client, models_db: Database) -> None:
    def make_row(f1: float, support: int = 2) -> dict[str, float]:
        return {"f1": f1, "precision": f1 / 2, "recall": f1 / 4, "support": support}

    save(models_db, ONE, per_class={"a": make_row(0.5), "b": make_row(0.5)})
    save(models_db, OTHER, per_class={"a": make_row(0.6), "b": make_row(0.9), "c": make_row(0.1, 1)})

    classes = compare(client, ONE.label, OTHER.label)["classes"]

    assert [each["classification"] for each in classes] == ["b", "a", "c"]
    assert classes[0] == {
        "classification": "b", "support": 2, "f1": [0.5, 0.9], "precision": [0.25, 0.45], "recall": [0.125, 0.225],
    }  # fmt: skip
    assert (classes[2]["support"], classes[2]["f1"]) == (1, [None, 0.1])


def test_versions_and_aliases_can_be_compared(client: Client, models_db: Database) -> None:
    open_run(models_db, ONE, run_id="run-2")
    save(models_db, ONE, "run-2", answers=make_answers("bbbb", TRUTHS))
    AliasesStore(models_db).move("champion", OTHER.label, "ann", "the best")

    compared = compare(client, f"{ONE.label}@1", f"{ONE.label}@2", "@champion")

    assert [(model["label"], model["version"]) for model in compared["models"]] == [
        (ONE.label, 1), (ONE.label, 2), (OTHER.label, 1),
    ]  # fmt: skip
    assert compared["pairs"][0]["differing"] == 3


@pytest.mark.parametrize("count", [0, 1, 7])
def test_fewer_than_two_and_more_than_six_are_refused(client: Client, count: int) -> None:
    assert client.refuse("GET", "/comparison", params={"model": [ONE.label] * count})[0] == 422


def test_six_are_compared(client: Client) -> None:
    assert len(compare(client, *[ONE.label] * 6)["pairs"]) == 15


def test_an_unknown_model_is_not_found(client: Client) -> None:
    assert client.refuse("GET", "/comparison", params={"model": [ONE.label, LABELS[3]]})[0] == 404
