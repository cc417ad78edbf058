"""`now` in a plan on real databases: what a run pins, what a preview tells, and what a worker has counted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from factories import make_plan
from pipeline.plans import PlanError, expand
from pipeline.runs.connections import Connections
from pipeline.runs.count_classes import count_classes
from pipeline.runs.open import open_run
from pipeline.runs.outline import Sources, outline_plan
from pipeline.runs.train import train
from pipeline.stores.models.history import list_history
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.run_plans import find_plan
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

TRIGGERED = datetime(2016, 1, 2, 12, 0, 0, 123, tzinfo=UTC)


def make_recent(before: str = "now", days: Any = 36_500) -> dict[str, Any]:
    """Return a plan of two definitions for each number of days."""
    options = {"days": days, "before_datetime_str": before, "training_ratio": 0.8}
    return make_plan(
        dataset={"name": "RecentDataset", "options": options},
        adapter={"name": "WordFrequencyAdapter", "options": {"sequence_length": [4, 8], "vocabulary_size": 50}},
        model__options={"kernel": "linear"},
    )


def preview(plan: Any, connections: Connections) -> dict[str, Any]:
    """Return what somebody is told who writes a plan."""
    told = outline_plan(json.dumps(plan), Sources(connections.models_db, connections.examples_db))
    assert told["findings"] == []
    found: dict[str, Any] = told["preview"]
    return found


def test_now_is_when_the_run_was_triggered_however_often_it_is_opened(connections: Connections) -> None:
    plan = make_recent(days=[1.5, 2])

    labels = open_run("run-1", plan, connections, now=TRIGGERED)
    assert open_run("run-1", plan, connections, now=TRIGGERED) == labels
    for label in labels:
        train(label, TaskRun("run-1"), connections)

    store = ModelsStore(connections.models_db)
    pinned = [store.get_model(label)["definition"]["dataset"]["options"]["before_datetime_str"] for label in labels]
    assert pinned == ["2016-01-02T12:00:00+00:00"] * 4
    rows = Ledger(connections.models_db).list_definitions("run-1")
    assert {row["definition"]["dataset"]["options"]["before_datetime_str"] for row in rows} == {*pinned}
    assert find_plan(connections.models_db, "run-1") == plan  # which another run pins anew


def test_another_run_has_another_now_and_the_same_recipe(connections: Connections) -> None:
    plan, later = make_recent(days=2), TRIGGERED + timedelta(hours=1)
    found = []
    for run_id, now in (("run-1", TRIGGERED), ("run-2", later)):
        labels = open_run(run_id, plan, connections, now=now)
        train(labels[0], TaskRun(run_id), connections)
        found.append(labels[0])

    definition = ModelsStore(connections.models_db).get_model(found[1])["definition"]
    assert found[0] != found[1]
    assert [each["label"] for each in list_history(connections.models_db, definition)] == found


def test_now_without_recent_examples_is_refused_with_the_moment(connections: Connections) -> None:
    with pytest.raises(PlanError, match="up to 2026-05-01"):
        open_run("run-1", make_recent(days=1), connections, now=datetime(2026, 5, 1, tzinfo=UTC))

    assert "up to 2026-05-01" in Ledger(connections.models_db).get_run("run-1")["refusal"]


def test_a_preview_tells_what_now_is_at_present(connections: Connections) -> None:
    told = preview(make_recent(), connections)

    (split,) = told["splits"]
    assert split["selected"] == 60
    assert split["dataset"]["options"]["before_datetime_str"] == told["now"]
    assert preview(make_recent("2016-2-1"), connections)["now"] is None


def test_what_a_worker_has_counted_is_known_for_every_now_that_selects_the_same(connections: Connections) -> None:
    assert preview(make_recent(), connections)["splits"][0]["account"] is None

    assert count_classes(make_recent()["dataset"], connections) == 1

    for before in ("now", "2016-2-1"):
        account = preview(make_recent(before), connections)["splits"][0]["account"]
        assert account["by_class"]["testing"] == {"class A": 4, "class B": 4, "class C": 4}
    assert preview(make_recent(days=36_499), connections)["splits"][0]["account"] is None
    earlier = expand(make_recent("2016-1-1 00:30"), now=TRIGGERED).definitions[0].dataset
    assert earlier.split_text == expand(make_recent(), now=TRIGGERED).definitions[0].dataset.split_text
    assert preview(make_recent("2016-1-1 00:30"), connections)["splits"][0]["account"] is None
