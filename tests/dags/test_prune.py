"""The wiring of `prune`: when it runs by itself, and which configs are refused before there is a run."""

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from pipeline.airflow_client.api import PRUNE_DAG_ID
from pipeline_airflow.trigger_check import PRUNE_TRIGGER, examine

DAG = Path(__file__).parents[2] / f"dags/{PRUNE_DAG_ID}.py"


def read_dag() -> Any:
    bag = DagBag(str(DAG))
    assert bag.import_errors == {}
    return bag.dags[PRUNE_DAG_ID]


def test_it_runs_by_itself_only_if_a_setting_says_what_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_dag().schedule is None

    monkeypatch.setenv("PIPELINE_KEEP_DAYS", "90")

    dag = read_dag()
    assert dag.schedule == "17 3 * * *"
    assert not dag.catchup
    assert {name: dag.params[name] for name in dag.params} == {"days": 90, "best": 3, "of_recipe": 0, "delete": False}


def test_a_config_with_an_unknown_key_is_refused_with_the_known_ones() -> None:
    body = json.dumps({"logical_date": None, "conf": {"keep_days": 365, "delete": True}}).encode()

    refusal = examine(body, PRUNE_TRIGGER)

    assert refusal is not None
    stand_in, told = map(json.loads, refusal)
    assert stand_in["conf"] == {"days": None}  # which Airflow refuses
    assert "keep_days: unknown key" in told["detail"]


def test_a_right_config_passes() -> None:
    body = json.dumps({"logical_date": None, "conf": {"days": 365, "delete": True}}).encode()

    assert examine(body, PRUNE_TRIGGER) is None
