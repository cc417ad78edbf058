"""Who worked when: trainings and trials of a run in lanes, one for each process that was at work at the same time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Bar = dict[str, Any]


def list_bars(trainings: Iterable[dict[str, Any]], trials: Iterable[dict[str, Any]], now: datetime) -> list[Bar]:
    """Return what each worker did, in the order in which it began.

    Args:
        trainings: rows of `list_trainings`, each with its `state`; those that have not begun are left out.
        trials: rows of `list_trials`.
        now: the end of what has not ended.

    Returns:
        For each training and trial the `label`, its `state`, the `rung` of a trial, `host`, `began_at`, `ended_at`,
        `lane` (a number, see `assign_lanes`), and the `waits` of a training: `at` (seconds after it began), `seconds`,
        `what` it waited for, and `made_by`, the label of the training that made it; None if that is not known.
    """
    # what is planned again has the time of an earlier try
    began = [row for row in trainings if row["started_at"] is not None and row["state"] != "planned"]
    makers = {each["entry"]: row["label"] for row in began for each in row["shared"] if each["made"] > 0}
    bars = [
        {
            "label": row["label"],
            "state": row["state"],
            "rung": None,
            "host": row["host"],
            "began_at": row["started_at"],
            "ended_at": row["ended_at"] or now,
            "waits": [_describe_wait(each, makers) for each in row["shared"] if each["waited"] > 0],
        }
        for row in began
    ]
    bars += [
        {
            "label": row["label"],
            "state": "trial",
            "rung": row["rung"],
            "host": row["host"],
            "began_at": row["began_at"],
            "ended_at": row["ended_at"] or now,
            "waits": [],
        }
        for row in trials
    ]
    return assign_lanes(sorted(bars, key=lambda bar: (bar["began_at"], bar["ended_at"], bar["label"])))


def assign_lanes(bars: list[Bar]) -> list[Bar]:
    """Give each bar the first lane of its host in which nothing else happens at that time; lanes count from 0.

    Airflow has no name for the process of a worker that trains, so a lane is whichever was free: there are as many
    lanes as processes that worked at once.

    ```text
    lane 0   |== a ==||= c =|
    lane 1      |=== b ===||= d =|
    ```

    Args:
        bars: by `began_at`; they are changed.
    """
    lanes: list[tuple[str | None, datetime]] = []
    for bar in bars:
        free = (place for place, (host, end) in enumerate(lanes) if host == bar["host"] and end <= bar["began_at"])
        lane = next(free, len(lanes))
        lanes[lane:] = [(bar["host"], bar["ended_at"]), *lanes[lane + 1 :]]
        bar["lane"] = lane
    return bars


def _describe_wait(shared: dict[str, Any], makers: dict[str, str]) -> dict[str, Any]:
    return {
        "at": shared["at"],
        "seconds": shared["waited"],
        "what": shared["what"],
        "made_by": makers.get(shared["entry"]),
    }
