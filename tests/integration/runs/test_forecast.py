"""What a search saves, as `pipeline plan preview` forecasts it."""

import pytest

from factories import PLAN, make_plan
from integration.runs.searching import make_connections, make_search_plan, open_search, work
from pipeline.plans import expand
from pipeline.runs.expand import expand_for_run
from pipeline.runs.forecast import forecast, list_ladders
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.store import ModelsStore


def test_each_dataset_has_a_ladder_of_its_own() -> None:
    plan = make_search_plan()
    plan["dataset"]["options"]["training_ratio"] = [0.7, 0.8]

    ladders = list_ladders(expand(plan))

    assert [ladder.to_dict() for ladder in ladders] == 2 * [
        {
            "definitions": 12,
            "rungs": [{"part": 1 / 9, "definitions": 12}, {"part": 1 / 3, "definitions": 4}],
            "in_full": 1,
        }
    ]


def test_without_a_search_there_is_none() -> None:
    assert list_ladders(expand(PLAN)) == []


def test_too_few_definitions_are_all_trained_in_full() -> None:
    plan = make_plan(search={"method": "halving"}, adapter__options__sequence_length=50)

    (ladder,) = list_ladders(expand(plan))

    assert (ladder.rungs, ladder.in_full, ladder.work) == ([], 2, 1.0)


def test_the_forecast_is_with_the_search_and_without(
    examples_db: Database, models_db: Database, postgres_url: str
) -> None:
    connections = make_connections(examples_db, models_db, postgres_url)
    survey, models = ExamplesSurvey(examples_db), ModelsStore(models_db)
    labels = open_search(connections, "run-1", make_search_plan(search=None))
    work("run-1", labels, connections)

    found = forecast(expand_for_run(make_search_plan(), survey, models), survey, models)
    full = forecast(expand_for_run(make_search_plan(search=None), survey, models), survey, models)

    assert found is not None
    assert full is not None
    assert found.full_seconds == full.seconds == full.full_seconds
    # 12 tried with a ninth, 4 with a third, and 1 in full
    assert found.seconds == pytest.approx(full.seconds * (12 / 9 + 4 / 3 + 1) / 12)
