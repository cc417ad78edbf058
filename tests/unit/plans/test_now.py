"""`now` in a plan is a moment that the run pins, and nothing else in the plan changes."""

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from factories import make_plan
from pipeline.datasets.recent_dataset import RecentDataset
from pipeline.errors import OptionError
from pipeline.plans import Definition, check_plan, check_shape, expand
from pipeline.plans.now import pin_now

NOON = datetime(2026, 5, 1, 12, 0, 0, 999_999, tzinfo=UTC)
PINNED = "2026-05-01T12:00:00+00:00"


def make_recent(before: Any, **others: Any) -> dict[str, Any]:
    """Return a plan over the last days before a moment."""
    options = {"days": [7, 30], "before_datetime_str": before, "training_ratio": 0.8}
    return make_plan(dataset={"name": "RecentDataset", "options": options}) | others


def list_moments(plan: Any, now: datetime | None = NOON) -> list[str]:
    """Return the different ends of a plan's spans."""
    found = [each.dataset.options.before_datetime_str for each in expand(plan, now=now).definitions]
    return sorted({*found})


@pytest.mark.parametrize("before", ["now", ["now"], " now\n"])
def test_now_is_one_moment_of_whole_seconds_in_all_definitions(before: Any) -> None:
    plan = make_recent(before)
    untouched = copy.deepcopy(plan)

    expansion = expand(plan, now=NOON)

    assert expansion.now == NOON.replace(microsecond=0)
    assert list_moments(plan) == [PINNED]
    assert len(expansion.definitions) == 8
    assert [each.label for each in expansion.definitions] == [
        each.label for each in expand(make_recent(PINNED)).definitions
    ]
    assert plan == untouched


def test_now_stands_among_other_moments_and_in_several_blocks() -> None:
    blocks = [make_recent(before)["dataset"] for before in (["2016-1-1", "now"], "now")]
    blocks[1]["options"]["days"] = 1

    assert list_moments(make_recent("now") | {"dataset": blocks}) == ["2016-01-01", PINNED]


def test_moments_of_other_places_are_utc() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))

    assert list_moments(make_recent("now"), elsewhere) == [PINNED]


def test_the_same_moment_twice_is_one_definition() -> None:
    expansion = expand(make_recent(["now", PINNED]), now=NOON)

    assert (len(expansion.definitions), expansion.repeated) == (8, 8)


def test_a_rule_may_say_now_too() -> None:
    rule = {"dataset.options.before_datetime_str": "now", "dataset.options.days": 7}

    expansion = expand(make_recent(["now", "2016-1-1"], exclude=[rule]), now=NOON)

    assert (len(expansion.definitions), expansion.excluded) == (12, 4)


def test_without_now_nothing_is_pinned() -> None:
    assert expand(make_recent("2016-1-1"), now=NOON).now is None
    assert expand(make_plan(), now=NOON).now is None


def test_by_default_now_is_the_current_time() -> None:
    before = datetime.now(UTC).replace(microsecond=0)

    expansion = expand(make_recent("now"))

    assert expansion.now is not None
    assert before <= expansion.now <= datetime.now(UTC)


@pytest.mark.parametrize("before", ["NOW", "now + 1", "yesterday", ["now", 3]])
def test_only_the_word_itself_is_now_and_the_finding_says_so(before: Any) -> None:
    (finding,) = check_plan(make_recent(before))

    assert ", or now" in str(finding)


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(dataset__options__start_datetime_str="now"),
        make_recent("2016-1-1", exclude=[{"dataset.options.start_datetime_str": "now"}]),
    ],
)
def test_no_other_moment_may_be_now(plan: Any) -> None:
    assert any("'now' is not a date or time" in str(each) for each in check_plan(plan))


@pytest.mark.parametrize(
    "plan",
    [None, 3, "now", [], {}, {"dataset": "now"}, {"dataset": ["now", {"name": ["now"], "options": {"now": "now"}}]},
     {"dataset": {"name": "RecentDataset", "options": "now"}, "exclude": ["now", {"now": "now"}]}],
)  # fmt: skip
def test_what_is_no_plan_stays_what_it_is(plan: Any) -> None:
    assert pin_now(plan) == (plan, None)
    assert check_shape(plan)


def test_a_definition_never_says_now() -> None:
    with pytest.raises(OptionError, match="'now' is not a date or time"):
        RecentDataset(days=1, before_datetime_str="now", training_ratio=0.5)
    for definition in expand(make_recent("now"), now=NOON).definitions:
        assert "now" not in definition.text
        assert Definition.from_dict(definition.to_dict()).label == definition.label
