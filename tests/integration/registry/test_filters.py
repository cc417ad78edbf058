"""The leaderboard, filtered, and what there is to filter by."""

from typing import Any

import pytest

from factories import make_definition
from integration.registry.client import Client, open_run, save
from pipeline.plans import Definition
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger


def make_hashing(**options: Any) -> Definition:
    """Return a definition whose adapter hashes terms."""
    definition = make_definition().to_dict()
    adapter = {"name": "HashingAdapter", "options": {"n_features": 256} | options}
    return Definition.from_dict(definition | {"adapter": adapter})


SHORT, LONG = make_definition(sequence_length=8), make_definition(sequence_length=16)
ROUND = make_definition(sequence_length=8, kernel="rbf")
WORDS, PAIRS = make_hashing(), make_hashing(ngram_range=[1, 2])
NAMES = {
    definition.label: name
    for name, definition in {"short": SHORT, "long": LONG, "round": ROUND, "words": WORDS, "pairs": PAIRS}.items()
}


@pytest.fixture(autouse=True)
def two_runs(models_db: Database) -> None:
    """Five definitions in two runs, in three states."""
    open_run(models_db, SHORT, LONG, ROUND)
    open_run(models_db, WORDS, PAIRS, run_id="run-2")
    save(models_db, SHORT, accuracy=0.9)
    save(models_db, WORDS, "run-2", accuracy=0.8)
    Ledger(models_db).record_error("run-1", LONG.label, "no words", final=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"run": "run-1"}, "short long round"),
        ({"run": ["run-1", "run-2"]}, "short long round words pairs"),
        ({"run": "run-9"}, ""),
        ({"dataset": "SpanDataset"}, "short long round words pairs"),
        ({"dataset": "RecentDataset"}, ""),
        ({"adapter": "HashingAdapter"}, "words pairs"),
        ({"adapter": ["HashingAdapter", "WordFrequencyAdapter"]}, "short long round words pairs"),
        ({"adapter": "HashingAdapter", "run": "run-1"}, ""),
        ({"model": "scikit_model_svm"}, "short long round words pairs"),
        ({"model": "nope"}, ""),
        ({"state": "trained"}, "short words"),
        ({"state": ["failed", "planned"]}, "long round pairs"),
        ({"option": "model.kernel:rbf"}, "round"),
        ({"option": 'model.kernel:"rbf"'}, "round"),
        ({"option": ["model.kernel:rbf", "model.kernel:linear"]}, "short long round words pairs"),
        ({"option": "adapter.sequence_length:8"}, "short round"),
        ({"option": "adapter.sequence_length:8.0"}, "short round"),
        ({"option": 'adapter.sequence_length:"8"'}, ""),
        ({"option": ["adapter.sequence_length:8", "model.kernel:rbf"]}, "round"),
        ({"option": ["adapter.sequence_length:8", "adapter.sequence_length:16", "model.kernel:linear"]}, "short long"),
        ({"option": "adapter.ngram_range:[1, 2]"}, "pairs"),
        ({"option": "adapter.ngram_range:[1, 1]"}, "words"),
        ({"option": "adapter.ngram_range:[]"}, ""),
        ({"option": "adapter.nothing:null"}, ""),
        ({"label": SHORT.label[-6:].upper()}, "short"),
        ({"label": "hashing"}, "words pairs"),
        ({"label": "%"}, ""),
        ({"label": "hash_ng"}, ""),
        ({"label": "hashing", "state": "trained", "option": "model.kernel:linear"}, "words"),
    ],
)
def test_a_filter_leaves_what_it_says(client: Client, query: dict[str, Any], found: str) -> None:
    page = client.get("/definitions", **query)

    assert {NAMES[row["label"]] for row in page["items"]} == {*found.split()}
    assert page["total"] == len(found.split()) == sum(page["states"].values())


def test_states_are_counted_over_all_pages(client: Client) -> None:
    page = client.get("/definitions", run="run-1", limit=1)

    assert page["states"] == {"trained": 1, "failed": 1, "planned": 1}


@pytest.mark.parametrize("option", ["kernel:rbf", "model.kernel", "nothing.kernel:rbf", "", ":", "model:kernel.rbf"])
def test_an_option_that_is_none_is_refused(client: Client, option: str) -> None:
    status, detail = client.refuse("GET", "/definitions", params={"option": option})

    assert status == 422
    assert "section.option:value, such as model.kernel:rbf" in detail


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", '"\\ud800"', '"\\u0000"', '{"a": ["\\u0000"]}'])
def test_a_value_that_none_in_the_database_can_be_is_refused(client: Client, value: str) -> None:
    assert client.refuse("GET", "/definitions", params={"option": f"adapter.sequence_length:{value}"})[0] == 422


@pytest.mark.parametrize(
    "value", ["[" * 3_000, "[" * 400 + "]" * 400, "1" * 5_000, "1" * 4_000, "{", "", '{"a": 1}'], ids=range(7)
)
def test_a_value_that_no_option_has_finds_nothing(client: Client, value: str) -> None:
    assert client.get("/definitions", option=f"adapter.sequence_length:{value}")["items"] == []


@pytest.mark.parametrize("part", ["run", "dataset", "adapter", "model", "state", "label"])
def test_a_character_that_no_text_in_the_database_has_is_refused(client: Client, part: str) -> None:
    assert client.refuse("GET", "/definitions", params={part: "a\0b"})[0] == 422


def test_choices_are_names_with_their_counts_and_options_that_differ(client: Client) -> None:
    choices = client.get("/definitions/choices")

    assert choices["dataset"] == {"SpanDataset": 5}
    assert choices["adapter"] == {"HashingAdapter": 2, "WordFrequencyAdapter": 3}
    assert choices["model"] == {"scikit_model_svm": 5}
    assert [(each["section"], each["option"], each["values"]) for each in choices["options"]] == [
        ("adapter", "ngram_range", [[1, 1], [1, 2]]),
        ("adapter", "sequence_length", [8, 16]),
        ("model", "kernel", ["linear", "rbf"]),
    ]


def test_choices_of_a_run_are_those_of_its_definitions(client: Client) -> None:
    choices = client.get("/definitions/choices", run="run-2")

    assert choices["adapter"] == {"HashingAdapter": 2}
    assert [each["option"] for each in choices["options"]] == ["ngram_range"]
    assert client.get("/definitions/choices", run="run-9") == {
        "dataset": {},
        "adapter": {},
        "model": {},
        "options": [],
        "tags": {},
    }
