"""The first step of a run, on real databases: what is written, reused and refused."""

from typing import Any

import pytest

from factories import PLAN, list_labels, make_plan
from integration.january import load_january
from pipeline.examples.keyring import KeyRing
from pipeline.plans import PlanError, expand
from pipeline.plans.order import order_to_share
from pipeline.runs.connections import Connections
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

QUICK = make_plan(
    adapter={"name": "WordFrequencyAdapter", "options": {"sequence_length": [4, 8], "vocabulary_size": 50}},
    model__options={"kernel": "linear"},
)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    """The keys of the examples, found in every environment."""
    keys = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keys)
    return keys


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str, keyring: KeyRing) -> Connections:
    """Databases with examples on the first two days of January 2016."""
    load_january(examples_db, keyring)
    return Connections(examples_db, models_db, postgres_url)


def train_run(run_id: str, plan: Any, connections: Connections) -> list[str]:
    """Open a run, train what it says, close it, and return the labels that were trained."""
    labels = open_run(run_id, plan, connections)
    for label in labels:
        train(label, TaskRun(run_id), connections)
    Ledger(connections.models_db).close_run(run_id)
    return labels


def states(run_id: str, connections: Connections) -> list[str]:
    return [row["state"] for row in Ledger(connections.models_db).list_definitions(run_id)]


def test_a_run_is_opened_with_the_labels_of_its_plan(connections: Connections) -> None:
    ordered = [each.label for each in order_to_share(expand(PLAN).definitions)]
    assert open_run("run-1", PLAN, connections) == ordered
    assert sorted(ordered) == sorted(list_labels(PLAN))


def test_a_broken_plan_is_in_the_ledger_as_refused(connections: Connections) -> None:
    with pytest.raises(PlanError):
        open_run("run-1", PLAN | {"modell\0\ud800": {"\0": "\ud800"}}, connections)

    (run,) = Ledger(connections.models_db).list_runs()
    assert "unknown key" in run["refusal"]
    assert "did you mean model?" in run["refusal"]


def test_spans_without_examples_are_refused_with_what_there_is(connections: Connections) -> None:
    plan = make_plan(
        dataset=[
            PLAN["dataset"],
            {
                "name": "SpanDataset",
                "options": {
                    "start_datetime_str": ["2016-1-1", "2017-1-1"],
                    "end_datetime_str": "2018-1-1",
                    "training_ratio": [0.5, 0.8],
                    "collection": ["default", "other"],
                },
            },
        ]
    )

    with pytest.raises(PlanError) as caught:
        open_run("run-1", plan, connections)

    findings = [str(finding) for finding in caught.value.findings]
    assert len(findings) == 3
    assert findings[0] == (
        "dataset[1].options: collection 'default' holds no examples from 2017-01-01 up to 2018-01-01; its first "
        "example is of 2016-01-01, its last of 2016-01-02T15:00:00+00:00; see `pipeline examples stats`"
    )
    assert "collections with examples: default" in findings[1]


def test_more_definitions_than_one_run_can_train_are_refused(connections: Connections) -> None:
    with pytest.raises(PlanError, match="4 to train; one run takes at most 3"):
        open_run("run-1", PLAN, connections, most=3)

    assert len(open_run("run-2", PLAN | {"collapse_inert": True}, connections, most=3)) == 2


def test_reuse_trains_only_what_no_model_stands_for(connections: Connections) -> None:
    first = train_run("run-1", QUICK, connections)
    more = make_plan(adapter=QUICK["adapter"], model__options={"kernel": ["linear", "rbf"]})

    labels = train_run("run-2", more | {"on_existing": "reuse"}, connections)

    assert len(first) == 2
    assert set(labels) == set(list_labels(more)) - set(first)
    assert states("run-2", connections) == ["reused", "trained", "reused", "trained"]
    rows = Ledger(connections.models_db).list_definitions("run-2")
    assert all(row["accuracy"] is not None for row in rows)
    assert {row["version"] for row in rows} == {1}


def test_without_reuse_everything_is_trained_again(connections: Connections) -> None:
    train_run("run-1", QUICK, connections)

    train_run("run-2", QUICK, connections)

    assert states("run-2", connections) == ["trained", "trained"]
    assert {model["version"] for model in ModelsStore(connections.models_db).list_models("run-2")} == {2}


@pytest.mark.parametrize("what", ["examples", "seed"])
def test_other_examples_or_another_seed_are_trained_anew(connections: Connections, what: str, keyring: KeyRing) -> None:
    plan = QUICK | {"on_existing": "reuse"}
    train_run("run-1", plan, connections)
    assert open_run("run-2", plan, connections) == []

    if what == "seed":
        plan = plan | {"seed": 1}
    else:
        load_january(connections.examples_db, keyring, 20)  # the same again: nothing new
        assert open_run("run-3", plan, connections) == []
        load_january(connections.examples_db, keyring, 60)
        plan = plan | {"dataset": make_plan(dataset__options__end_datetime_str="2016-1-4")["dataset"]}
        train_run("run-4", plan, connections)
        load_january(connections.examples_db, keyring, 61)

    assert len(open_run("run-5", plan, connections)) == 2


def test_the_seed_of_the_plan_is_in_the_lineage(connections: Connections) -> None:
    (label, _) = train_run("run-1", QUICK | {"seed": 42}, connections)

    assert ModelsStore(connections.models_db).get_model(label)["lineage"]["seed"] == 42


def test_opening_a_run_again_after_it_was_trained_reuses_nothing_of_its_own(connections: Connections) -> None:
    plan = QUICK | {"on_existing": "reuse"}
    labels = train_run("run-1", plan, connections)

    assert open_run("run-1", plan, connections) == labels
    assert states("run-1", connections) == ["trained", "trained"]
