"""Lineage says where a model came from, and nothing of what its examples say."""

import importlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import pipeline
from factories import make_definition
from pipeline.datasets import datasets
from pipeline.datasets.cuts import Cut
from pipeline.datasets.split import Removed, Split
from pipeline.examples.example import ExampleSet
from pipeline.training.lineage import LIBRARIES, TaskRun, describe_examples, describe_lineage, digest_source


def make_examples(*texts: str) -> ExampleSet:
    moments = [datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(len(texts))]
    return ExampleSet(list(texts), ["secret class"] * len(texts), moments, [text.encode()[::-1] for text in texts])


RECIPE = make_definition()
SPLIT = Split(make_examples("quartz heron", "marmalade"), make_examples("anchor"))


def test_examples_appear_as_count_span_and_digest_only() -> None:
    lineage = describe_lineage(TaskRun("run-1", 2), RECIPE, describe_examples(SPLIT, "digest"), 0, {"words": 1.5})

    written = json.dumps(lineage)
    assert not [word for word in ("quartz", "marmalade", "anchor", "secret") if word in written]
    assert lineage["examples"]["training"]["count"] == 2
    assert lineage["examples"]["training"]["first"] == "2016-01-01T00:00:00+00:00"
    assert (lineage["run"], lineage["try"], lineage["seed"], lineage["reused"]) == ("run-1", 2, 0, {"words": 1.5})


def test_the_digest_depends_on_the_examples_and_not_on_their_order() -> None:
    def digest(*texts: str) -> str:
        split = Split(make_examples(*texts), SPLIT.testing)
        return str(describe_examples(split, "digest")["training"]["digest"])

    assert digest("a", "b") == digest("b", "a")
    assert digest("a", "b") != digest("a", "c")


def test_the_code_version_names_the_package_and_its_source() -> None:
    version = describe_lineage(TaskRun("run-1"), RECIPE, {}, 0, {})["code_version"]

    assert version.startswith(f"{pipeline.__version__}+")
    assert len(version.split("+")[1]) == 12


def test_what_was_left_out_and_what_is_in_both_sets_is_counted() -> None:
    moment = datetime(2016, 1, 1, tzinfo=UTC)
    removed = Removed(1, 2, 3, 4, left_out_classes=5, contradicted=1, cut=Cut(moment, 1, 2))
    split = Split(make_examples("a", "b"), make_examples("b", "c", "b"), removed, Cut(moment, 3, 4))

    examples = describe_examples(split, "digest")

    assert {name: count for name, count in examples.items() if isinstance(count, int)} == {
        "classes": 1,
        "classes_not_trained": 0,
        "classes_not_tested": 0,
        "shared_texts": 1,
        "shared_testing_examples": 2,
        "left_out_classes": 5,
        "removed_other_classes": 1,
        "removed_duplicates": 2,
        "removed_older": 3,
        "removed_small_classes": 4,
    }
    assert examples["ties"] == {
        "split": {"moment": "2016-01-01T00:00:00+00:00", "training": 3, "testing": 4},
        "max_examples": {"moment": "2016-01-01T00:00:00+00:00", "removed": 1, "kept": 2},
        "contradicted_duplicates": 1,
    }
    assert (examples["training"]["classes"], examples["testing"]["classes"]) == (1, 1)


def test_the_libraries_are_those_that_the_parts_name_and_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(datasets.distributions, "SpanDataset", "not-installed")

    libraries = describe_lineage(TaskRun("run-1"), RECIPE, {}, 0, {})["libraries"]

    assert {*RECIPE.adapter.libraries, *RECIPE.model.libraries, *LIBRARIES} < set(libraries)
    assert libraries["not-installed"] == "missing"
    assert "missing" not in {libraries[name] for name in LIBRARIES}


def test_source_that_was_edited_has_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "edited"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "part.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("edited")

    before = digest_source("edited")
    digest_source.cache_clear()  # another process
    assert digest_source("edited") == before

    (package / "part.py").write_text("VALUE = 2\n")
    digest_source.cache_clear()
    assert digest_source("edited") != before
