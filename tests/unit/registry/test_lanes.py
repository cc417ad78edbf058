"""Who worked when: no lane has two things at once, and whoever waited knows for whom."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fuzzing import tries
from pipeline.registry.lanes import assign_lanes, list_bars

START = datetime(2026, 1, 1, tzinfo=UTC)
SPANS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 9), st.integers(0, 5)), max_size=15)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def make_bar(host: str | None, begin: float, end: float) -> dict[str, Any]:
    return {"host": host, "began_at": at(begin), "ended_at": at(end)}


@tries(200)
@given(SPANS)
def test_a_lane_has_one_host_and_one_thing_at_a_time(spans: list[tuple[str | None, int, int]]) -> None:
    bars = assign_lanes(
        [make_bar(host, begin, begin + length) for host, begin, length in sorted(spans, key=lambda each: each[1])]
    )

    lanes: dict[int, list[dict[str, Any]]] = {}
    for bar in bars:
        lanes.setdefault(bar["lane"], []).append(bar)
    for lane in lanes.values():
        assert len({bar["host"] for bar in lane}) == 1
        assert all(one["ended_at"] <= other["began_at"] for one, other in pairwise(lane))
    assert sorted(lanes) == [*range(len(lanes))]


def test_there_are_as_many_lanes_as_worked_at_once() -> None:
    bars = assign_lanes([make_bar("a", 0, 2), make_bar("a", 1, 4), make_bar("a", 2, 3), make_bar("b", 2, 3)])

    assert [bar["lane"] for bar in bars] == [0, 1, 0, 2]


def make_training(
    label: str, begin: float | None, shared: list[dict[str, Any]], end: float | None = None
) -> dict[str, Any]:
    return {
        "label": label,
        "state": "trained",
        "host": "a",
        "started_at": None if begin is None else at(begin),
        "ended_at": None if end is None else at(end),
        "shared": shared,
    }


def test_a_wait_names_who_made_what_was_waited_for() -> None:
    made = {"what": "adapter", "entry": "e1", "at": 0.1, "waited": 0, "made": 3.0}
    waited = {"what": "adapter", "entry": "e1", "at": 0.2, "waited": 2.9, "made": 0}
    lost = {"what": "words", "entry": "e2", "at": 3.5, "waited": 1.0, "made": 0}
    trainings = [
        make_training("one", 0, [made], 5),
        make_training("two", 0.1, [waited, lost]),
        make_training("later", None, []),
    ]
    trial = {"label": "two", "rung": 1, "host": "b", "began_at": at(1), "ended_at": None}

    first, second, tried = list_bars(trainings, [trial], at(9))

    assert (first["label"], first["waits"]) == ("one", [])
    assert second["waits"] == [
        {"at": 0.2, "seconds": 2.9, "what": "adapter", "made_by": "one"},
        {"at": 3.5, "seconds": 1.0, "what": "words", "made_by": None},
    ]
    assert second["ended_at"] == tried["ended_at"] == at(9)
    assert (tried["state"], tried["rung"], tried["lane"]) == ("trial", 1, 2)


def test_what_is_planned_again_is_not_drawn_from_its_earlier_try() -> None:
    again = make_training("one", 0, []) | {"state": "planned"}

    assert list_bars([again], [], at(9)) == []
