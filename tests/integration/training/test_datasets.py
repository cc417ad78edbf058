"""Every dataset on real databases: what is stored of its examples, what is shown, and what is known again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands import run_pipeline
from factories import make_definition, make_expansion, make_plan
from pipeline.datasets import datasets
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.plans import Definition, check_plan
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

RUN = TaskRun("run-1")
NARROW = {
    "classes": ["fruit", "metal", "stone"],
    "duplicates": "remove",
    "max_examples": 30,
    "min_examples_per_class": 3,
}
SPAN = {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-2-1", "training_ratio": 0.8}
HOLDOUT = {
    "training_start_datetime_str": "2016-1-1",
    "training_end_datetime_str": "2016-1-2 12:00",
    "testing_start_datetime_str": "2016-1-2 12:00",
    "testing_end_datetime_str": "2016-2-1",
}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a span": ("SpanDataset", SPAN),
    "a span, split at random": ("SpanDataset", SPAN | {"split": "random", "split_seed": 3}),
    "two spans": ("HoldoutSpanDataset", HOLDOUT),
    "the last days": ("RecentDataset", {"days": 31, "before_datetime_str": "2016-2-1", "training_ratio": 0.8}),
}
every_dataset = pytest.mark.parametrize(("name", "options"), CASES.values(), ids=CASES.keys())


def make_row(number: int) -> IncomingRow:
    """Return an example of fruit or metal, now and then of wood or stone; some have the text of another."""
    name = {7: "wood", 33: "stone", 34: "stone"}.get(number, ("fruit", "metal")[number % 2])
    text = f"{name} {number}" if number % 10 else f"{name} copy {number // 25}"
    return IncomingRow(number, str(number), datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=number), name, text)


@pytest.fixture
def connections(
    examples_db: Database, models_db: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Connections:
    """Databases that hold fifty examples of four classes, one an hour from the first of January 2016."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "from_environment", lambda _: keyring)
    ExamplesStore(examples_db, keyring).load("default", map(make_row, range(50)), BrokenRows("test"))
    return Connections(examples_db, models_db, postgres_url, {})


def train_on(connections: Connections, name: str, options: dict[str, Any]) -> tuple[Definition, dict[str, Any]]:
    """Train on a dataset and return the definition with what the lineage says of the examples."""
    definition = Definition.from_dict(make_definition().to_dict() | {"dataset": {"name": name, "options": options}})
    Ledger(connections.models_db).open_run(RUN.run_id, {}, make_expansion(definition))
    train(definition.label, RUN, connections)
    model = ModelsStore(connections.models_db).get_model(definition.label)
    return definition, model["lineage"]["examples"]


def test_every_registered_dataset_is_tried() -> None:
    assert {name for name, _ in CASES.values()} == set(datasets.classes)


@every_dataset
def test_all_that_was_selected_trains_tests_or_is_accounted_for(
    connections: Connections, name: str, options: dict[str, Any]
) -> None:
    _, examples = train_on(connections, name, options | NARROW)

    removed = {key: count for key, count in examples.items() if key.startswith("removed_")}
    assert sum(removed.values()) + examples["training"]["count"] + examples["testing"]["count"] == 50
    assert (removed["removed_other_classes"], removed["removed_duplicates"]) == (1, 3)
    assert (removed["removed_small_classes"], examples["left_out_classes"]) == (2, 1)
    assert examples["shared_texts"] == 0


@every_dataset
def test_the_examples_are_known_again_without_opening_a_row(
    connections: Connections, name: str, options: dict[str, Any]
) -> None:
    definition, examples = train_on(connections, name, options)
    survey = ExamplesSurvey(connections.examples_db)

    before = survey.digest([definition.dataset])
    ExamplesStore(connections.examples_db, connections.keyring).load("default", [make_row(50)], BrokenRows("test"))

    assert before == [examples["digest"]]
    assert survey.digest([definition.dataset]) != before


def test_each_empty_span_of_a_plan_is_told_of(connections: Connections) -> None:
    spans = HOLDOUT | {"testing_start_datetime_str": "2017-1-1", "testing_end_datetime_str": "2017-1-2"}
    plan = make_plan(dataset={"name": "HoldoutSpanDataset", "options": spans})

    (finding,) = check_plan(plan, ExamplesSurvey(connections.examples_db))

    assert (finding.path, "from 2017-01-01 up to 2017-01-02" in finding.what) == ("dataset.options", True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ["shared    1 text in both sets, in 1 testing example"]),
        (
            NARROW,
            [
                "removed   1 of other classes, 3 with the text of an older one, 16 older than the newest wanted, "
                "2 of too small classes (1)",
                "missing   no example is left of stone",
            ],
        ),
        (
            {"classes": ["fruit", "furit", "metal"], "duplicates": "remove"},
            ["removed   3 of other classes, 3 with the text of an older one", "missing   no example is left of furit"],
        ),
    ],
    ids=["as it is", "narrowed down", "a class mistyped"],
)
def test_show_tells_what_was_removed_and_what_is_shared(
    connections: Connections, examples_url: str, models_url: str, options: dict[str, Any], told: list[str]
) -> None:
    definition, _ = train_on(connections, "SpanDataset", SPAN | options)
    environ = {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
    }

    shown = run_pipeline(environ, "models", "show", definition.label).stdout.splitlines()

    assert [line for line in shown if line.startswith(("removed", "missing", "shared"))] == told
