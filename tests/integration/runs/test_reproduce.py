"""Stored models are trained again: the same bytes here, and what differs is told with its reason."""

import json
from dataclasses import replace
from typing import Any

import pytest

from commands import run_pipeline
from corpus import make_small
from factories import make_definition
from integration.runs.stored import change_examples, make_recipe, train_one
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.plans.metric import parse_metric
from pipeline.runs.connections import Connections
from pipeline.runs.reproduce import Reproduction, reproduce
from pipeline.stores.models.store import ModelsStore

CLASSES = [("adapter", name) for name in adapters.classes] + [("model", name) for name in models.classes]
DATASETS: dict[str, dict[str, Any]] = {
    "folds": {"name": "SpanDataset", "options": {"folds": 3}},
    "held back": {"name": "SpanDataset", "options": {"validation_ratio": 0.25, "split": "random", "split_seed": 5}},
    "two spans": {
        "name": "HoldoutSpanDataset",
        "options": {
            "training_start_datetime_str": "2016-1-1",
            "training_end_datetime_str": "2016-1-1 00:40",
            "testing_start_datetime_str": "2016-1-1 00:40",
            "testing_end_datetime_str": "2016-1-2",
        },
    },
    "recent": {
        "name": "RecentDataset",
        "options": {"days": 3, "before_datetime_str": "2016-1-3", "training_ratio": 0.8},
    },
}


def fake(connections: Connections, path: str, value: Any) -> None:
    """Let the lineage of all models say something else at a path such as `{libraries,numpy}`."""
    with connections.models_db.connection() as connection:
        query = "UPDATE models SET lineage = jsonb_set(lineage, %s::text[], %s::jsonb)"
        connection.execute(query, (path, json.dumps(value)))


def count_rows(connections: Connections) -> dict[str, int]:
    tables = ("models", "runs", "definitions", "notifications", "adapter_documents", "testing_sets", "trials")
    with connections.models_db.connection() as connection:
        counts = {}
        for table in tables:
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert row
            counts[table] = int(row[0])
    return counts


def told(found: Reproduction) -> str:
    return "\n".join([*found.examples.describe(), *map(str, found.changes)])


@pytest.mark.parametrize("encoding", ["json", "binary"])
@pytest.mark.parametrize(("section", "name"), CLASSES)
def test_every_class_is_trained_again_to_the_same_bytes(
    connections: Connections, section: str, name: str, encoding: str
) -> None:
    family = adapters if section == "adapter" else models
    # word frequencies are never negative, and a linear machine takes any number
    others = {
        "adapter": {"name": "TfidfAdapter", "options": {}},
        "model": {"name": "scikit_model_linear_svm", "options": {}},
    }
    block = {section: {"name": name, "options": make_small(family[name])}}
    label = train_one(connections, make_recipe(**(others | block)), encoding=encoding)

    found = reproduce(connections, label)

    assert found.identical, found.differences
    assert (found.encoding, found.adapter_identical, found.rest_identical) == (encoding, True, True)
    assert (found.changes, [*found.examples.describe()]) == ([], [])


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS.keys())
def test_every_dataset_seed_and_metric_is_that_of_the_model(connections: Connections, dataset: dict[str, Any]) -> None:
    own = make_definition().to_dict()["dataset"]["options"] if dataset["name"] == "SpanDataset" else {}
    block = dataset | {"options": own | dataset["options"]}
    sgd = {"name": "scikit_model_sgd", "options": {"loss": "log_loss"}}
    label = train_one(connections, make_recipe(dataset=block, model=sgd), seed=11, metric="log_loss")

    found = reproduce(connections, label)

    assert found.identical, found.differences
    assert ModelsStore(connections.models_db).get_model(label)["metric"] == parse_metric("log_loss").name
    assert (found.examples.then, found.examples.now) == (60, 60)


def test_nothing_is_stored_announced_or_shared(connections: Connections) -> None:
    label = train_one(connections, make_recipe())
    before = count_rows(connections)

    assert reproduce(connections, label).identical

    assert count_rows(connections) == before


def test_another_library_is_named_though_the_bytes_are_the_same(connections: Connections) -> None:
    label = train_one(connections, make_recipe())
    fake(connections, "{libraries,numpy}", "0.0.1")
    fake(connections, "{machine,blas}", ["openblas Z80"])

    found = reproduce(connections, label)

    assert found.identical
    assert [(each.kind, each.name, each.then) for each in found.changes] == [
        ("library", "numpy", "0.0.1"), ("machine", "blas", ["openblas Z80"]),
    ]  # fmt: skip
    assert "machine blas: openblas Z80 then" in told(found)


def test_a_class_of_a_plug_in_whose_source_or_version_changed_is_named(connections: Connections) -> None:
    label = train_one(connections, make_recipe())
    fake(connections, "{libraries,colours}", "1.0")
    fake(connections, "{sources,ColourAdapter}", "0123456789ab")

    assert told(reproduce(connections, label)).splitlines() == [
        "library colours: 1.0 then, none now",
        "class ColourAdapter: 0123456789ab then, none now",
    ]


def test_another_seed_is_named_and_gives_other_bytes(connections: Connections) -> None:
    forest = {"name": "scikit_model_random_forest", "options": {"n_estimators": 5}}
    label = train_one(connections, make_recipe(model=forest))
    fake(connections, "{seed}", 3)

    found = reproduce(connections, label)

    assert found.trained
    assert not found.identical
    assert (found.adapter_identical, found.rest_identical) == (True, False)
    assert "seed of its run: 0 then, 3 by its lineage" in told(found)


def test_a_class_that_learns_otherwise_is_told_by_the_places_that_differ(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = train_one(connections, make_recipe())
    learn = ScikitModelSvm.get_learnt

    def learn_otherwise(model: ScikitModelSvm) -> dict[str, Any]:
        learnt = learn(model)
        return learnt | {"intercept": learnt["intercept"] + 1e-6}

    monkeypatch.setattr(ScikitModelSvm, "get_learnt", learn_otherwise)

    found = reproduce(connections, label)

    assert [each.path for each in found.differences["document"]] == ["model.learnt.intercept"]
    assert "numbers differ, by at most 1e-06" in str(found.differences["document"][0])
    assert found.adapter_identical
    assert not found.differences["scores"]


@pytest.mark.parametrize("kind", ["corrected", "deleted"])
def test_changed_examples_are_told_with_their_number_and_nothing_is_trained(
    connections: Connections, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = train_one(connections, make_recipe())
    change_examples(connections, kind, 2, newest=True)
    monkeypatch.setattr("pipeline.runs.reproduce.train_definition", lambda *_: pytest.fail("it was trained"))

    found = reproduce(connections, label)

    assert (found.trained, found.identical) == (False, False)
    assert (found.examples.then, found.examples.now) == (60, 60 if kind == "corrected" else 58)
    assert (found.examples.testing, found.examples.testing_gone) == (12, 2)
    assert f"2 of collection default {kind} on" in told(found)
    assert "by jo: wrong label" in told(found)


def test_changed_examples_train_anyway_if_that_is_wanted(connections: Connections) -> None:
    label = train_one(connections, make_recipe())
    change_examples(connections, "deleted", 1)

    found = reproduce(connections, label, anyway=True)

    assert found.trained
    assert not found.identical
    assert "selected 60 then and selects 59 now, 1 fewer" in told(found)
    assert found.examples.testing_gone == 0


def test_a_version_is_compared_with_itself(connections: Connections) -> None:
    forest = {"name": "scikit_model_random_forest", "options": {"n_estimators": 5}}
    for number in (1, 2):
        label = train_one(connections, make_recipe(model=forest), f"run-{number}", seed=number)

    found = [reproduce(connections, label, version) for version in (1, 2, None)]

    assert [(each.version, each.run_id, each.identical) for each in found] == [
        (1, "run-1", True), (2, "run-2", True), (2, "run-2", True),
    ]  # fmt: skip


def test_the_command_says_it_in_words_and_by_its_exit_code(
    connections: Connections, examples_url: str, models_url: str
) -> None:
    label = train_one(connections, make_recipe())
    environ = {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
        "PIPELINE_EXAMPLES_KEYS": connections.keyring.to_text(),
    }

    def run(*arguments: str) -> tuple[int, str]:
        done = run_pipeline(environ, "reproduce", label, *arguments)
        assert "[info" not in done.stderr
        return done.returncode, done.stdout

    same = f"identical  {label}@1 of run run-1: the same json document, byte by byte, scores and answers\n"
    assert run() == (0, same)
    fake(connections, "{libraries,numpy}", "0.0.1")
    code, said = run()
    assert (code, said.startswith(f"{same}Not as it was when it was trained:\n  library numpy: 0.0.1 then")) == (
        0,
        True,
    )
    change_examples(connections, "corrected", 3)
    code, said = run()
    assert (code, said.startswith("not trained")) == (1, True)
    assert "the dataset selects 60 as then, but not the same" in said
    code, said = run("--anyway")
    assert (code, "\n  document   differs" in said) == (1, True)
    code, said = run("--json")
    assert (code, json.loads(said)["examples"]["identical"]) == (1, False)
    assert not [word for word in ("aword", "shared0") if word in said]


def test_a_run_of_early_versions_whose_lineage_says_little_is_trained_on_what_is_there(
    connections: Connections,
) -> None:
    label = train_one(connections, make_recipe())
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE models SET lineage = '{\"seed\": 0}'")

    found = reproduce(connections, label)

    assert found.identical
    assert found.examples == replace(found.examples, digest=None, identical=None, then=None, now=60)
    assert "the lineage does not say" in told(found)
