"""`pipeline classify …` with stored models, and the example of `docs/classifying.md`."""

import csv
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run_pipeline
from corpus import make_examples
from integration.registry.trained import DEFINITION, store, train_logistic, train_svm
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

PAGE = (Path(__file__).parents[3] / "docs/classifying.md").read_text(encoding="utf-8")
COMMAND, INPUT, OUTPUT = re.findall(r"^```(?:csv)?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[:3]
ERRORS = re.findall(r"^```\n(error .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(models_db: Database, models_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `pipeline …` in a fresh folder, where a model with probabilities is the champion."""
    store(models_db, train_logistic())
    store(models_db, train_svm(), "binary", "run-2")
    AliasesStore(models_db).move("champion", f"{DEFINITION.label}@1", "ann", "the first")
    monkeypatch.chdir(tmp_path)
    names = ("AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS")
    return lambda *arguments, **options: run_pipeline(dict.fromkeys(names, models_url), *arguments, **options)


def test_the_champion_answers_and_is_named(run: Run) -> None:
    texts = [*make_examples(10).texts]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)

    champion = run("classify", "-", "--format", "jsonl", stdin=lines)
    newest = run("classify", "-", "--format", "jsonl", "--model", DEFINITION.label, stdin=lines)

    for done, model, version in ((champion, train_logistic(), 1), (newest, train_svm(), 2)):
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert [each["classification"] for each in answers] == model.classify(texts)
        assert {each["model"] for each in answers} == {f"{DEFINITION.label}@{version}"}
        assert ("probability" in answers[0]) == (version == 1)
        assert done.stderr == ""


def test_an_exported_document_answers_as_the_stored_model(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"{text}\n" for text in make_examples(10).texts))
    run("models", "export", "@champion", "--encoding", "binary", "--output", "champion.bin")

    stored = [*csv.DictReader(run("classify", "in.csv").stdout.splitlines())]
    exported = [*csv.DictReader(run("classify", "in.csv", "--document", "champion.bin").stdout.splitlines())]

    assert [row.pop("model") for row in stored] == [f"{DEFINITION.label}@1"] * 10
    assert stored == exported


def test_a_model_that_there_is_none_of_is_refused_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\na\n")

    done = run("classify", "in.csv", "--model", "@challenger", "--output", "out.csv")

    assert done.returncode == 1
    assert "alias: there is no 'challenger'" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["in.csv"]


def test_the_example_of_the_page_does_what_it_says(run: Run, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(INPUT)

    done = run(*shlex.split(COMMAND)[1:])

    shown, written = (
        [*csv.reader(text.splitlines(keepends=True))] for text in (OUTPUT, (tmp_path / "classified.csv").read_text())
    )
    assert done.returncode == 0
    assert shown[0] == written[0]
    assert [row[:2] for row in shown] == [row[:2] for row in written]
    classes = {"sci.space", "alt.atheism"}
    assert {row[2] for row in shown[1:]} == classes
    assert all(
        re.fullmatch(r"0\.\d+", row[3]) and re.fullmatch(r"[\w-]+@1", row[4]) for row in (*shown[1:], *written[1:])
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [("classification,body\na,b\n", ERRORS[0]), ("id,body\n1,\n2,a\n3,\n4\n", ERRORS[1])],
)
def test_the_errors_of_the_page_are_those_that_are_told(run: Run, tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "posts.csv").write_text(content)

    assert run(*shlex.split(COMMAND)[1:]).stderr == told
