"""Lineage says where a model came from, and nothing of what its examples say."""

import json
from datetime import UTC, datetime, timedelta

import pipeline
from pipeline.datasets.base import Split
from pipeline.examples.example import ExampleSet
from pipeline.training.lineage import TaskRun, describe_lineage


def make_examples(*texts: str) -> ExampleSet:
    moments = [datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(len(texts))]
    return ExampleSet(list(texts), ["secret class"] * len(texts), moments, [text.encode()[::-1] for text in texts])


SPLIT = Split(make_examples("quartz heron", "marmalade"), make_examples("anchor"))


def test_examples_appear_as_count_span_and_digest_only() -> None:
    lineage = describe_lineage(TaskRun("run-1", 2), SPLIT, "digest", seed=0)

    written = json.dumps(lineage)
    assert not [word for word in ("quartz", "marmalade", "anchor", "secret") if word in written]
    assert lineage["examples"]["training"]["count"] == 2
    assert lineage["examples"]["training"]["first"] == "2016-01-01T00:00:00+00:00"
    assert (lineage["run"], lineage["try"], lineage["seed"]) == ("run-1", 2, 0)


def test_the_digest_depends_on_the_examples_and_not_on_their_order() -> None:
    def digest(*texts: str) -> str:
        split = Split(make_examples(*texts), SPLIT.testing)
        return str(describe_lineage(TaskRun("run-1"), split, "digest", 0)["examples"]["training"]["digest"])

    assert digest("a", "b") == digest("b", "a")
    assert digest("a", "b") != digest("a", "c")


def test_the_code_version_names_the_package_and_its_source() -> None:
    version = describe_lineage(TaskRun("run-1"), SPLIT, "digest", 0)["code_version"]

    assert version.startswith(f"{pipeline.__version__}+")
    assert len(version.split("+")[1]) == 12
