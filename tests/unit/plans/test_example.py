"""The plans that people start with, and plans whose keys a database has sorted."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from factories import PLAN
from pipeline.plans import check_plan, expand
from pipeline.plans.arrange import arrange_plan
from pipeline.plans.example import EXAMPLE_PLAN, make_example, shorten_lists

NOON = datetime(2016, 2, 28, 12, tzinfo=UTC)


def test_without_examples_it_is_that_of_the_demo() -> None:
    assert make_example({}) == EXAMPLE_PLAN


def test_it_takes_the_collection_with_the_newest_example_and_all_of_it() -> None:
    example = make_example({"old": (NOON - timedelta(days=9), NOON), "new": (NOON, NOON + timedelta(days=1))})

    assert example["dataset"]["options"] == {
        "start_datetime_str": ["2016-2-28"],
        "end_datetime_str": ["2016-3-1"],
        "training_ratio": [0.8],
        "collection": ["new"],
    }
    assert check_plan(example) == []


def test_the_usual_collection_is_not_named() -> None:
    assert "collection" not in make_example({"default": (NOON, NOON)})["dataset"]["options"]


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC) - timedelta(1)])
def test_the_ends_of_the_calendar_are_days_too(moment: datetime) -> None:
    assert check_plan(make_example({"default": (moment, moment)})) == []


def test_short_lists_mean_the_same() -> None:
    example = make_example({"default": (NOON, NOON)})
    short = shorten_lists(example)

    assert short["dataset"]["options"]["training_ratio"] == 0.8
    assert [each.label for each in expand(short).definitions] == [each.label for each in expand(example).definitions]


def test_sorted_keys_are_put_in_order() -> None:
    plan = PLAN | {"model": [PLAN["model"], {"name": "unknown", "options": {"b": 1, "a": 2}}], "seed": 1, "mine": 2}

    arranged = arrange_plan(json.loads(json.dumps(plan, sort_keys=True)))

    assert arranged == plan
    assert [*arranged] == ["dataset", "adapter", "model", "seed", "mine"]
    assert json.dumps(arranged["dataset"]) == json.dumps(PLAN["dataset"])
    assert [*arranged["model"][0]] == ["name", "options"]


@pytest.mark.parametrize(
    "plan", [None, [], "text", {"model": 1, "adapter": [1, {"name": []}], "dataset": {"options": 2}}]
)
def test_what_is_no_plan_stays_as_it_is(plan: Any) -> None:
    assert arrange_plan(plan) == plan


def test_a_time_zone_does_not_move_the_day() -> None:
    late = datetime(2016, 1, 1, 23, tzinfo=UTC)

    assert make_example({"default": (late, late)})["dataset"]["options"]["start_datetime_str"] == ["2016-1-1"]
    assert late.astimezone(timezone(timedelta(hours=3))).day == 2  # such as a connection in another zone would say
