"""`pipeline plan …` against real databases, and without any."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import run_pipeline
from factories import PLAN, list_labels, make_plan
from integration.january import load_january
from pipeline.adapters import adapters
from pipeline.environment import ExamplesKeys
from pipeline.examples.keyring import KeyRing
from pipeline.models import models
from pipeline.runs.connections import Connections
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.training.lineage import TaskRun

Run = Callable[..., subprocess.CompletedProcess[str]]

MISTAKES = {
    "dataset": {
        "name": "SpanDataset",
        "options": {"start_datetime_str": "2016-3-1", "end_datetime_str": "2016-2-1", "training_ratio": [0.8, 8]},
    },
    "adapter": [{"name": "Word3VecAdapter"}, {"name": "Word2VecAdapter", "options": {"sequence_length": 50}}],
    "model": [
        {"name": "scikit_model_svm", "options": {"kernle": "rbf", "degree": [3, "4"]}},
        {"name": "scikit_model_multinomial_naive_bayes"},
    ],
    "exclude": [{"model.kernel": "poly"}],
}

QUICK = make_plan(
    adapter={"name": "WordFrequencyAdapter", "options": {"sequence_length": [4, 8], "vocabulary_size": 50}},
    model__options={"kernel": ["linear", "rbf"]},
)


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without a deployment."""
    return {"PIPELINE_HOME": str(tmp_path / "none")}


@pytest.fixture
def somewhere(
    examples_url: str, models_url: str, examples_db: Database, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of databases with examples of January 2016."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    load_january(examples_db, keyring)
    return {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
    }


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[Any], Path]:
    """Write a plan to a file."""

    def write(plan: Any) -> Path:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        return path

    return write


def test_check_tells_seven_different_mistakes_at_once(nowhere: dict[str, str], file_of: Any) -> None:
    takers = ", ".join(name for name, model in models.classes.items() if model.takes_negative)

    done = run_pipeline(nowhere, "plan", "check", file_of(MISTAKES))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error the plan has 7 mistakes:",
        "  1. dataset.options.training_ratio[1]: got 8; input should be less than 1.",
        f'  2. adapter[0].name: unknown name "Word3VecAdapter"; one of {", ".join(adapters.classes)}; '
        "did you mean Word2VecAdapter?",
        "  3. model[0].options.kernle: unknown key; known are kernel, degree, tolerance, C, gamma, class_weight, "
        "coef0, shrinking, max_iter, calibration; did you mean kernel?",
        '  4. model[0].options.degree[1]: got "4"; input should be a valid integer.',
        '  5. exclude[0]["model.kernel"]: unknown key; a condition is one of dataset.name, dataset.options.OPTION, '
        "adapter.name, adapter.options.OPTION, model.name, model.options.OPTION; did you mean model.options.kernel?",
        "  6. model[1].name: scikit_model_multinomial_naive_bayes cannot take negative features, and Word2VecAdapter "
        f"(adapter[1]) produces some; with this adapter one of {takers}; choose "
        'another, or drop the pair with "exclude": [{"adapter.name": "Word2VecAdapter", '
        '"model.name": "scikit_model_multinomial_naive_bayes"}].',
        "  7. dataset.options: end_datetime_str (2016-02-01) must come after start_datetime_str (2016-03-01); fix it, "
        'or drop such permutations with "exclude".',
    ]


def test_check_gives_programs_every_finding_with_its_path(nowhere: dict[str, str], file_of: Any) -> None:
    done = run_pipeline(nowhere, "plan", "check", file_of(MISTAKES), "--json")

    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert [finding["path"] for finding in findings][:3] == [
        "dataset.options.training_ratio[1]",
        "adapter[0].name",
        "model[0].options.kernle",
    ]


def test_check_says_when_it_could_not_look_at_the_examples(nowhere: dict[str, str], file_of: Any) -> None:
    done = run_pipeline(nowhere, "plan", "check", file_of(PLAN))

    assert done.returncode == 0
    assert "nothing wrong, 4 definitions" in done.stdout
    assert "warning model.options.degree: changes nothing" in done.stdout
    assert "not checked: examples and stored models" in done.stdout


def test_check_finds_spans_without_examples(somewhere: dict[str, str], file_of: Any) -> None:
    plan = make_plan(dataset__options__start_datetime_str="2017-1-1", dataset__options__end_datetime_str="2017-1-2")

    assert run_pipeline(somewhere, "plan", "check", file_of(PLAN)).returncode == 0
    done = run_pipeline(somewhere, "plan", "check", file_of(plan))

    assert done.returncode == 1
    assert "collection 'default' holds no examples from 2017-01-01 up to 2017-01-02" in done.stderr


def test_a_plan_may_come_from_stdin(nowhere: dict[str, str]) -> None:
    done = run_pipeline(nowhere, "plan", "preview", "-", "--json", stdin=json.dumps(PLAN))

    assert [row["label"] for row in json.loads(done.stdout)["ledger"]] == list_labels(PLAN)


def test_preview_shows_the_count_first_and_then_everything_else(nowhere: dict[str, str], file_of: Any) -> None:
    plan = make_plan(adapter__options__sequence_length=[50, 50, 100, 200]) | {
        "collapse_inert": True,
        "exclude": [{"adapter.options.sequence_length": 200}],
    }

    lines = run_pipeline(nowhere, "plan", "preview", file_of(plan)).stdout.splitlines()

    labels = list_labels(plan)
    assert lines[0] == "4 definitions of 8 permutations: 2 excluded, 2 equal to another"
    assert [line.split()[1:] for line in lines[2:6]] == [
        [labels[0], "planned", "sequence_length=50,", "degree=3"],
        [labels[1], "=", "1", "sequence_length=50,", "degree=4"],
        [labels[2], "planned", "sequence_length=100,", "degree=3"],
        [labels[3], "=", "3", "sequence_length=100,", "degree=4"],
    ]
    rest = "\n".join(lines[6:])
    assert 'excluded 2 by {"adapter.options.sequence_length": 200}' in rest
    assert "2 definitions would train the same model as another" in rest
    assert "warning model.options.degree" in rest
    assert "to train: 2 definitions, with 1 dataset and 2 adapters to prepare" in rest
    assert "not to train: 2 duplicates, 0 reused" in rest
    assert "forecast" not in rest


def test_now_is_told_with_what_it_is_at_present(nowhere: dict[str, str], file_of: Any) -> None:
    recent = {"name": "RecentDataset", "options": {"days": 7, "before_datetime_str": "now", "training_ratio": 0.8}}
    path = file_of(make_plan(dataset=recent))

    told = json.loads(run_pipeline(nowhere, "plan", "preview", path, "--json").stdout)
    checked = json.loads(run_pipeline(nowhere, "plan", "check", path, "--json").stdout)
    lines = run_pipeline(nowhere, "plan", "preview", path).stdout.splitlines()

    assert {row["definition"]["dataset"]["options"]["before_datetime_str"] for row in told["ledger"]} == {told["now"]}
    assert checked["now"] >= told["now"]
    assert lines[1].startswith("now is 2")
    assert lines[1].endswith("; a run takes the moment at which it is triggered")


def test_preview_of_many_shows_some_and_says_so(nowhere: dict[str, str], file_of: Any) -> None:
    plan = make_plan(adapter__options__sequence_length=list(range(1, 101)))

    lines = run_pipeline(nowhere, "plan", "preview", file_of(plan), "--limit", 5).stdout.splitlines()

    assert lines[0] == "200 definitions of 200 permutations"
    assert lines[7] == "… and 195 more; --limit shows more, --json all of them"


def test_preview_forecasts_by_what_was_trained_and_shows_what_is_reused(
    somewhere: dict[str, str], file_of: Any, examples_db: Database, models_db: Database
) -> None:
    connections = Connections(examples_db, models_db, "memory://")
    trained = make_plan(adapter=QUICK["adapter"], model__options={"kernel": "linear"})
    for label in open_run("run-1", trained, connections):
        train(label, TaskRun("run-1"), connections)
    path = file_of(QUICK | {"on_existing": "reuse"})

    told = json.loads(run_pipeline(somewhere, "plan", "preview", path, "--json").stdout)
    lines = run_pipeline(somewhere, "plan", "preview", path).stdout.splitlines()

    assert [row["state"] for row in told["ledger"]] == ["reused", "planned", "reused", "planned"]
    assert (told["to_train"], told["reused"], told["forecast"]["definitions"]) == (2, 2, 2)
    assert told["forecast"]["models"] == 2
    assert told["forecast"]["seconds"] > 0
    assert lines[-1].startswith("forecast: ")
    assert lines[-1].endswith(" s of computing on one core, estimated from 2 stored models")


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ({"method": "halving"}, "others compare the trials, so that one answer is "),
        ({"smallest": 0.5}, "no definition is tried with less"),
    ],
)
def test_preview_warns_of_a_search_that_decides_by_few_examples_or_tries_nothing(
    somewhere: dict[str, str], file_of: Any, search: dict[str, Any], said: str
) -> None:
    keys = {"PIPELINE_EXAMPLES_KEYS": KeyRing.of(ExamplesKeys()).to_text()}

    assert said in run_pipeline(somewhere | keys, "plan", "preview", file_of(QUICK | {"search": search})).stdout


def test_the_schema_is_printed_for_other_tools(nowhere: dict[str, str]) -> None:
    schema = json.loads(run_pipeline(nowhere, "plan", "schema").stdout)

    jsonschema.validate(PLAN, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(MISTAKES, schema)
