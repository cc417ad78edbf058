"""What `evaluate_models` may be asked for, and everything that is wrong in what it may not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from factories import PLAN
from pipeline.examples.example import Selection
from pipeline.plans.errors import EvaluationRequestError
from pipeline.runs.evaluation_request import read_request

NOW = datetime(2016, 3, 1, 12, tzinfo=UTC)
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
MODELS = {"models": ["@champion", "a-label@2"]}
DATASET = {
    "name": "SpanDataset",
    "options": {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-1-2", "training_ratio": 0.8},
}


@pytest.mark.parametrize(
    ("span", "selection"),
    [
        ({}, Selection("default", BEGINNING, NOW)),
        ({"dataset": None, "collection": None, "from": None, "to": None}, Selection("default", BEGINNING, NOW)),
        ({"dataset": {}, "from": "", "to": ""}, Selection("default", BEGINNING, NOW)),
        (
            {"collection": "news/2016", "from": "2016-1-1"},
            Selection("news/2016", datetime(2016, 1, 1, tzinfo=UTC), NOW),
        ),
        ({"to": "2016-01-02T01:00+01:00"}, Selection("default", BEGINNING, datetime(2016, 1, 2, tzinfo=UTC))),
    ],
    ids=["nothing", "nulls", "an empty form", "a start", "an end"],
)
def test_every_example_of_a_span_is_asked_for(span: dict[str, Any], selection: Selection) -> None:
    request = read_request(MODELS | span)

    assert request.models == ("@champion", "a-label@2")
    assert request.ask(NOW).selections == (selection,)
    assert (request.ask(NOW).collection, request.ask(NOW).block) == (selection.collection, None)


def test_now_in_a_dataset_is_the_moment_of_the_run_in_each_of_its_tasks() -> None:
    recent = {"name": "RecentDataset", "options": {"days": 2, "before_datetime_str": "now", "training_ratio": 0.8}}

    asked = read_request(MODELS | {"dataset": recent}, NOW).ask(NOW)

    assert asked.selections == (Selection("default", datetime(2016, 2, 28, 12, tzinfo=UTC), NOW),)


@pytest.mark.parametrize("section", [DATASET, PLAN["dataset"]], ids=["values", "lists of one"])
def test_the_testing_set_of_a_dataset_is_asked_for(section: Any) -> None:
    asked = read_request(MODELS | {"dataset": section}).ask(NOW)

    day = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 1, 2, tzinfo=UTC))
    assert asked.selections == (Selection("default", *day),)
    assert asked.block is not None
    assert asked.block["name"] == "SpanDataset"


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ([], ["evaluate_models: got []; an object with models."]),
        ({}, ["models: missing; a list of models, each a label, label@3 for its third version, or @alias."]),
        ({"models": "@champion"}, ['models: got "@champion"; a list of models, each a label']),
        ({"models": ["a", 3, ""]}, ["models[1]: got 3; a label", 'models[2]: got ""; a label']),
        ({"models": ["a"] * 1001}, ["models: has 1,001 models; at most 1,000; evaluate them in several runs."]),
        (MODELS | {"model": "x"}, ["model: unknown key; known are models, dataset, collection, from, to"]),
        (MODELS | {"from": "2016-2-30"}, ["from: '2016-2-30' does not exist in the calendar"]),
        (MODELS | {"from": "2016-2-2", "to": "2016-2-1"}, ['to: "2016-2-1" is not after `from`; a later moment.']),
        (MODELS | {"from": 3, "to": []}, ["from: got 3; a date or time", "to: got []; a date or time"]),
        (MODELS | {"collection": "a b"}, ["collection: 'a b' is not a valid collection name"]),
        (
            MODELS | {"dataset": [DATASET]},
            [
                "dataset: got [",
            ],
        ),
        (MODELS | {"dataset": DATASET, "to": "2016-1-1"}, ["to: given as well as a dataset"]),
        (
            MODELS | {"dataset": DATASET | {"options": DATASET["options"] | {"training_ratio": [0.7, 0.8]}}},  # type: ignore[operator]
            ["dataset: means 2 datasets, and models are scored on one testing set"],
        ),
        (MODELS | {"dataset": {"name": "SpanDatset"}}, ['dataset.name: unknown name "SpanDatset"']),
        (
            {"models": [], "dataset": {"name": "SpanDataset"}, "collection": "x"},
            [
                "models: missing",
                "collection: given as well",
                "start_datetime_str: missing",
                "end_datetime_str: missing",
            ],
        ),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(conf: Any, said: list[str]) -> None:
    with pytest.raises(EvaluationRequestError) as caught:
        read_request(conf)

    text = str(caught.value)
    assert [part for part in said if part not in text] == []
    if len(caught.value.findings) > 1:
        assert text.startswith(f"the evaluation has {len(caught.value.findings)} mistakes:")
