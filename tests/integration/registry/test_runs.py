"""Runs over the API, and which of their options matters."""

from typing import Any

import pytest

from factories import make_answers, make_definition
from integration.registry.client import DEFINITIONS, LABELS, Client, find_model_id, open_run, save
from pipeline.plans.expansion import Exclusion
from pipeline.plans.settings import Settings
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger


def test_the_newest_runs_come_first_with_their_counts(client: Client, models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0])
    Ledger(models_db).refuse_run("run-2", "no such class")

    page = client.get("/runs")

    second, first = page["items"]
    assert page["total"] == 2
    assert (first["run_id"], first["permutations"], first["trained"], first["planned"]) == ("run-1", 4, 1, 3)
    assert (second["run_id"], second["refusal"], second["permutations"]) == ("run-2", "no such class", 0)
    assert [row["run_id"] for row in client.get("/runs", limit=1, offset=1)["items"]] == ["run-1"]


def test_a_run_tells_what_its_plan_excludes(client: Client, models_db: Database) -> None:
    rule = {"model": {"name": "scikit_model_svm"}}
    open_run(models_db, DEFINITIONS[0], permutations=4, exclusions=[Exclusion(rule, 3)])

    run = client.get("/runs/run-1")

    assert (run["excluded"], run["definitions"]) == (3, 1)
    assert run["exclusions"] == [{"rule": rule, "permutations": 3}]


def test_what_a_run_is_called_is_changed_in_part(client: Client, models_db: Database) -> None:
    open_run(models_db, DEFINITIONS[0])

    named = client.request("PATCH", "/runs/run-1", json={"name": " Spam ", "tags": ["baseline", "baseline"]})
    noted = client.request("PATCH", "/runs/run-1", json={"note": "two\nlines"})
    unnamed = client.request("PATCH", "/runs/run-1", json={"name": None})

    assert named.json() == {"name": "Spam", "note": None, "tags": ["baseline"]}
    assert noted.json() == {"name": "Spam", "note": "two\nlines", "tags": ["baseline"]}
    assert unnamed.json() == {"name": None, "note": "two\nlines", "tags": ["baseline"]}
    assert client.get("/runs/run-1")["note"] == "two\nlines"
    assert client.request("PATCH", "/runs/run-2", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "two\nlines"}, "one line of visible characters"),
        ({"tags": ["a, b"]}, "a tag without a comma"),
        ({"tags": "spam"}, "a valid list"),
        ({"title": "Spam"}, "title"),
    ],
)
def test_what_a_run_cannot_be_called_is_refused(
    client: Client, models_db: Database, body: dict[str, Any], said: str
) -> None:
    open_run(models_db, DEFINITIONS[0], settings=Settings(name="Spam"))

    status, detail = client.refuse("PATCH", "/runs/run-1", json=body)

    assert (status, said in detail) == (422, True), detail
    assert client.get("/runs/run-1")["name"] == "Spam"


def test_runs_and_their_definitions_are_found_by_tag(client: Client, models_db: Database) -> None:
    for number, tags in enumerate((["spam"], ["spam", "old"], []), 1):
        open_run(models_db, DEFINITIONS[number], run_id=f"run-{number}", settings=Settings(tags=tags))

    assert [run["run_id"] for run in client.get("/runs", tag="old")["items"]] == ["run-2"]
    assert client.get("/runs", tag="spam", text="N-1")["total"] == 1
    assert {row["run_id"] for row in client.get("/definitions", tag="spam")["items"]} == {"run-1", "run-2"}
    assert [row["run_id"] for row in client.get("/definitions", tag="spam", run="run-2")["items"]] == ["run-2"]
    assert client.get("/definitions", tag="none")["total"] == 0
    assert client.get("/definitions", tag="old", run="run-1")["total"] == 0
    assert client.get("/definitions/choices")["tags"] == {"old": 1, "spam": 2}


@pytest.mark.parametrize("path", ["/runs/nope", "/runs/nope/effects"])
def test_an_unknown_run_is_not_found(client: Client, path: str) -> None:
    assert client.refuse("GET", path)[0] == 404


def test_an_effect_is_the_share_of_the_variation_between_values(client: Client, models_db: Database) -> None:
    accuracies = {(10, "linear"): 0.5, (10, "rbf"): 0.6, (9, "linear"): 0.8, (9, "rbf"): 0.9}
    definitions = [make_definition(sequence_length=length, kernel=kernel) for length, kernel in accuracies]
    open_run(models_db, *definitions, make_definition(sequence_length=1))
    for definition, accuracy in zip(definitions, accuracies.values(), strict=True):
        save(models_db, definition, accuracy=accuracy, macro_f1=0.5)

    effects = client.get("/runs/run-1/effects")

    # from 0.7: 0.04 + 0.01 + 0.01 + 0.04; between lengths 4 * 0.15², between kernels 4 * 0.05²
    length, kernel = effects["options"]
    assert (effects["score"], effects["definitions"]) == ("score", 4)
    assert (length["section"], length["component"], length["option"]) == (
        "adapter", "WordFrequencyAdapter", "sequence_length",
    )  # fmt: skip
    assert length["explained"] == pytest.approx(0.9)
    assert [(each["value"], each["scores"]) for each in length["values"]] == [("9", [0.8, 0.9]), ("10", [0.5, 0.6])]
    assert [each["mean"] for each in length["values"]] == pytest.approx([0.85, 0.55])
    assert (kernel["option"], kernel["explained"]) == ("kernel", pytest.approx(0.1))
    assert [each["value"] for each in kernel["values"]] == ["linear", "rbf"]

    even = client.get("/runs/run-1/effects", score="macro_f1")
    assert [option["explained"] for option in even["options"]] == [0, 0]
    gain = client.get("/runs/run-1/effects", score="gain")
    assert gain["options"][0]["explained"] == pytest.approx(0.9)


def test_what_is_reused_counts_and_what_is_not_trained_does_not(client: Client, models_db: Database) -> None:
    first, second, third, _ = DEFINITIONS
    open_run(models_db, first)
    save(models_db, first, accuracy=0.5)
    open_run(models_db, first, second, third, run_id="run-2", reused={LABELS[0]: find_model_id(models_db, LABELS[0])})
    save(models_db, second, "run-2", accuracy=0.9)

    effects = client.get("/runs/run-2/effects")

    assert effects["definitions"] == 2
    [option] = effects["options"]
    assert (option["option"], option["explained"]) == ("sequence_length", 1)


def test_a_run_without_models_has_no_effects(client: Client, models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)

    nothing = {"definitions": 0, "options": [], "testing_set": None, "testing_sets": [], "interactions": []}
    assert client.get("/runs/run-1/effects") == {"score": "score"} | nothing
    assert client.refuse("GET", "/runs/run-1/effects", params={"score": "label"})[0] == 422


def test_effects_are_among_models_of_one_testing_set(client: Client, models_db: Database) -> None:
    lengths = {"aabb": (1, 2, 3), "abab": (4, 5)}
    definitions = {length: make_definition(sequence_length=length) for each in lengths.values() for length in each}
    open_run(models_db, *definitions.values())
    for truths, each in lengths.items():
        for length in each:
            save(models_db, definitions[length], accuracy=length / 10, answers=make_answers("aaaa", truths))

    most = client.get("/runs/run-1/effects")
    other = client.get("/runs/run-1/effects", testing_set=most["testing_sets"][1]["digest"])

    assert [each["models"] for each in most["testing_sets"]] == [3, 2]
    assert most["testing_set"]["digest"] == most["testing_sets"][0]["digest"]
    assert [each["value"] for each in most["options"][0]["values"]] == ["1", "2", "3"]
    assert [each["value"] for each in other["options"][0]["values"]] == ["4", "5"]
    status, detail = client.refuse("GET", "/runs/run-1/effects", params={"testing_set": "nope"})
    assert (status, most["testing_set"]["digest"] in detail) == (422, True)
