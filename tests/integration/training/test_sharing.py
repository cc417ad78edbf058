"""Trainings that share what they prepare: the same models as without, whoever made what."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from corpus import vary_options
from factories import make_definition
from integration.january import load_january
from passing import PATIENCE_SECONDS, PassingTime, wait_for_waiting
from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.environment import ExamplesKeys, Prepared
from pipeline.errors import ExamplesChangedError
from pipeline.examples.keyring import Key, KeyRing
from pipeline.plans import Definition
from pipeline.runs.connections import Connections
from pipeline.runs.train import train_recipe
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.training.lineage import TaskRun

DIFFERS = {"reused", "shared", "try"}


@pytest.fixture
def alone(examples_db: Database, models_db: Database, postgres_url: str) -> Connections:
    """Databases with forty examples of January 2016, and no store."""
    keyring = KeyRing.generate()
    load_january(examples_db, keyring)
    return Connections(examples_db, models_db, postgres_url, ExamplesKeys(inline=keyring.to_text()))


@pytest.fixture
def sharing(alone: Connections, tmp_path: Path) -> Connections:
    """The same with a store."""
    return replace(alone, shared=Prepared(store=f"file://{tmp_path / 'store'}"))


def make_recipe(adapter: str, **options: Any) -> Definition:
    model = {"name": "scikit_model_logistic_regression", "options": {}}
    return Definition.from_dict(
        make_definition().to_dict() | {"adapter": {"name": adapter, "options": options}, "model": model}
    )


def train_result(recipe: Definition, connections: Connections, try_number: int = 1) -> dict[str, Any]:
    """Return all of a training's result but how long it took."""
    fresh = Definition.from_dict(recipe.to_dict())
    model = train_recipe(fresh, 7, TaskRun("run-1", try_number), replace(connections))
    return {
        "document": (model.document.adapter, model.document.rest),
        "scores": model.scores,
        "lineage": {name: value for name, value in model.lineage.items() if name not in DIFFERS},
        "reused": set(model.lineage["reused"]),
    }


def is_long(options: dict[str, Any]) -> bool:
    """Return whether terms would be longer than any of the texts."""
    shortest, *_ = options.get("ngram_range", [1])
    return bool(shortest > 3) and options.get("analyzer", "word") == "word"


@pytest.mark.parametrize("adapter", adapters.classes.values(), ids=lambda adapter: adapter.name)
def test_sharing_changes_no_byte_of_any_result(
    alone: Connections, sharing: Connections, adapter: type[Adapter]
) -> None:
    recipes = [make_recipe(adapter.name, **options) for options in vary_options(adapter) if not is_long(options)]
    expected = [train_result(recipe, alone) for recipe in recipes]
    assert not any(result.pop("reused") for result in expected)

    for _ in range(2):  # what was made by others, then what everybody finds
        results = [train_result(recipe, sharing) for recipe in recipes]
        reused = [result.pop("reused") for result in results]
        assert results == expected

    assert all(each >= {"examples", "trained adapter"} for each in reused)


def test_adapters_that_differ_in_how_rows_are_made_are_trained_once(sharing: Connections) -> None:
    train_result(make_recipe("Word2VecAdapter", sequence_length=8, min_count=1), sharing)

    others = [
        train_result(make_recipe("Word2VecAdapter", sequence_length=length, min_count=1, pooling=pooling), sharing)
        for length, pooling in [(4, "sequence"), (8, "mean"), (8, "tfidf_mean")]
    ]

    assert all(other["reused"] == {"examples", "trained adapter", "words"} for other in others)


@pytest.mark.parametrize("option", [{"window": 2}, {"epochs": 2}])
def test_adapters_that_learn_otherwise_are_trained_anew(sharing: Connections, option: dict[str, int]) -> None:
    train_result(make_recipe("Word2VecAdapter", sequence_length=8, min_count=1), sharing)

    other = train_result(make_recipe("Word2VecAdapter", sequence_length=8, min_count=1, **option), sharing)

    assert other["reused"] == {"examples", "words"}


def test_another_seed_or_model_shares_what_does_not_depend_on_it(sharing: Connections) -> None:
    recipe = make_recipe("TfidfAdapter")
    train_result(recipe, sharing)
    svm = Definition.from_dict(recipe.to_dict() | {"model": {"name": "scikit_model_svm", "options": {}}})

    assert train_result(svm, sharing)["reused"] == {"examples", "trained adapter", "adapted examples"}
    other_seed = train_recipe(recipe, 8, TaskRun("run-1"), sharing)
    assert set(other_seed.lineage["reused"]) == {"examples", "words"}


def test_an_example_that_came_meanwhile_is_in_the_next_training(
    alone: Connections, sharing: Connections, examples_db: Database
) -> None:
    recipe = make_recipe("TfidfAdapter")
    before = train_result(recipe, sharing)
    load_january(examples_db, alone.keyring, count=44)

    after = train_result(recipe, sharing)

    assert after.pop("reused") == set()
    assert after["lineage"]["examples"]["training"]["count"] > before["lineage"]["examples"]["training"]["count"]
    expected = train_result(recipe, alone)
    assert expected.pop("reused") == set()
    assert after == expected


def test_examples_that_come_between_digest_and_fetch_are_not_kept_under_the_former(
    alone: Connections, sharing: Connections, examples_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe("TfidfAdapter")
    ask = ExamplesSurvey.digest

    def ask_and_load(survey: ExamplesSurvey, datasets: Any) -> list[str]:
        found = ask(survey, datasets)
        load_january(examples_db, alone.keyring, count=44)
        return found

    monkeypatch.setattr(ExamplesSurvey, "digest", ask_and_load)
    with pytest.raises(ExamplesChangedError):
        train_result(recipe, sharing)
    monkeypatch.setattr(ExamplesSurvey, "digest", ask)

    expected, result = train_result(recipe, alone), train_result(recipe, sharing)
    assert (expected.pop("reused"), result.pop("reused")) == (set(), set())
    assert result == expected


def test_parts_of_a_union_are_shared_with_those_who_have_them_alone(sharing: Connections) -> None:
    train_result(make_recipe("TfidfAdapter"), sharing)
    words = {"name": "Word2VecAdapter", "options": {"sequence_length": 8, "min_count": 1, "pooling": "mean"}}

    with capture_logs() as logs:
        train_result(make_recipe("UnionAdapter", adapters=["TfidfAdapter", words]), sharing)

    told = [(log["event"], log["what"]) for log in logs if log["event"] in ("reused", "prepared")]
    assert told == [
        ("reused", "examples"),
        ("reused", "trained adapter"),
        ("reused", "words"),
        ("prepared", "trained adapter"),
        *[("reused", "adapted examples"), ("prepared", "adapted examples")] * 2,  # to train on, and to test on
    ]


def test_no_text_and_no_class_stands_in_the_store(sharing: Connections, tmp_path: Path) -> None:
    train_result(make_recipe("TfidfAdapter"), sharing)

    kept = [path.read_bytes() for path in (tmp_path / "store").iterdir()]
    assert len(kept) >= 4
    assert not any(word in data for data in kept for word in (b"apple", b"zinc", b"fruit", b"metal"))


def test_under_a_new_key_everything_is_prepared_anew(sharing: Connections) -> None:
    recipe = make_recipe("TfidfAdapter")
    expected = train_result(recipe, sharing)
    expected.pop("reused")
    keyring = KeyRing.from_text(sharing.keyring.to_text(), "test")
    keyring.add(Key.generate())
    rotated = replace(sharing, keys=ExamplesKeys(inline=keyring.to_text()))

    result = train_result(recipe, rotated)

    assert result.pop("reused") == set()
    assert result == expected


def test_a_store_that_cannot_be_written_costs_nothing_but_time(alone: Connections, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    broken = replace(alone, shared=Prepared(store=f"file://{tmp_path}/file/store"))
    recipe = make_recipe("TfidfAdapter")

    assert train_result(recipe, broken) == train_result(recipe, alone)


def test_a_training_does_not_count_the_time_that_it_waits_for_another(
    sharing: Connections, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing, fitting, fit = PassingTime.for_clocks(monkeypatch), threading.Event(), TfidfAdapter.fit

    def fit_for_an_hour(adapter: TfidfAdapter, *args: Any, **kwargs: Any) -> Any:
        fitting.set()
        wait_for_waiting(models_db)
        passing.sleep(3600)
        return fit(adapter, *args, **kwargs)

    monkeypatch.setattr(TfidfAdapter, "fit", fit_for_an_hour)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(train_recipe, make_recipe("TfidfAdapter"), 7, TaskRun("run-1", 1), sharing)
        assert fitting.wait(PATIENCE_SECONDS)
        second = pool.submit(train_recipe, make_recipe("TfidfAdapter"), 7, TaskRun("run-1", 1), replace(sharing))

    assert sum(first.result().step_seconds.values()) == 3600
    assert sum(second.result().step_seconds.values()) == 0
    assert "trained adapter" in second.result().lineage["reused"]
