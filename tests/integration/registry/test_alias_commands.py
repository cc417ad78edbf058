"""`pipeline aliases …`, and models that commands are told by an alias or a version."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run_pipeline
from integration.registry.client import DEFINITIONS, LABELS, open_run, save
from pipeline.stores.database import Database

PAGE = Path(__file__).parents[3] / "docs/notifications.md"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(models_db: Database, models_url: str) -> Run:
    """Return a function that runs `pipeline …` on two versions of a model and one of another."""
    open_run(models_db, *DEFINITIONS[:2])
    open_run(models_db, DEFINITIONS[0], run_id="run-2")
    save(models_db, DEFINITIONS[0])
    save(models_db, DEFINITIONS[1])
    save(models_db, DEFINITIONS[0], "run-2")
    names = ("AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS")
    given = dict.fromkeys(names, models_url)
    return lambda *arguments, environ=(): run_pipeline(given | dict(environ), *arguments)


def test_an_alias_is_set_listed_and_taken_away_and_its_history_stays(run: Run) -> None:
    made = run("aliases", "set", "champion", f"{LABELS[0]}@1", "--why", "the first")
    moved = run("aliases", "set", "champion", LABELS[0], "--why", "newer")
    listed = run("aliases", "list")
    run("aliases", "remove", "champion", "--why", "served no longer")
    history = json.loads(run("aliases", "history", "champion", "--json").stdout)

    assert made.stdout == f"@champion now points at {LABELS[0]} version 1\n"
    assert moved.stdout == f"@champion now points at {LABELS[0]} version 2\n"
    assert "newer" in listed.stdout
    assert "No aliases yet" in run("aliases", "list").stdout
    told = [(move["version"], move["reason"]) for move in history]
    assert told == [(None, "served no longer"), (2, "newer"), (1, "the first")]
    assert all(move["moved_by"] for move in history)
    assert "removed" in run("aliases", "history").stdout


def test_a_move_is_announced_at_once_and_shown_among_the_notifications(run: Run) -> None:
    run("aliases", "set", "champion", LABELS[0], "--why", "the first")

    [moved] = [json.loads(line) for line in run("notifications", "consume").stdout.splitlines()]
    [listed] = json.loads(run("notifications", "list", "--json").stdout)

    assert (moved["event"], moved["alias"], moved["label"]) == ("alias.moved", "champion", LABELS[0])
    assert (listed["alias"], listed["label"], listed["move_id"]) == ("champion", LABELS[0], moved["move"])
    assert listed["published_at"]
    assert listed["run_id"] is None


def test_a_broker_that_is_down_costs_a_move_a_warning_and_whoever_moves_next_announces_it(run: Run) -> None:
    down = {"AIRFLOW_CONN_NOTIFICATIONS": "amqp://guest:secret@127.0.0.1:1//"}
    [quoted] = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("not announced yet")]

    moved = run("aliases", "set", "champion", LABELS[0], "--why", "the first", environ=down)
    removed = run("aliases", "remove", "champion", "--why", "served no longer")

    assert (moved.returncode, removed.returncode) == (0, 0)
    assert moved.stdout == f"@champion now points at {LABELS[0]} version 2\n"
    assert moved.stderr.strip() == quoted.replace("amqp://rabbitmq:5672//", "amqp://127.0.0.1:1//")
    assert removed.stderr == ""
    messages = [json.loads(line) for line in run("notifications", "consume").stdout.splitlines()]
    assert [each["event"] for each in messages] == ["alias.moved", "alias.removed"]


def test_a_command_takes_a_model_by_alias_or_version(run: Run) -> None:
    run("aliases", "set", "candidate", LABELS[1], "--why", "next")

    by_alias = json.loads(run("models", "show", "@candidate", "--json").stdout)
    by_version = json.loads(run("models", "show", f"{LABELS[0]}@1", "--json").stdout)

    assert (by_alias["label"], by_alias["aliases"]) == (LABELS[1], ["candidate"])
    assert (by_version["label"], by_version["version"], by_version["run_id"]) == (LABELS[0], 1, "run-1")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("aliases", "set", "Champion", LABELS[0], "--why", "x"), "alias: 'Champion'; at most 50 of a-z"),
        (("aliases", "set", "champion", "nothing", "--why", "x"), "there is no 'nothing'; see `pipeline models list`"),
        (("aliases", "set", "champion", LABELS[0], "--why", " "), "reason: no reason given"),
        (("aliases", "remove", "champion", "--why", "x"), "alias: there is no 'champion'"),
        (("models", "show", "@champion"), "alias: there is no 'champion'"),
        (("models", "show", f"{LABELS[0]}@1", "--version", "2"), "version: given twice"),
        (("models", "export", f"{LABELS[0]}@9"), f"there is no '{LABELS[0]}@9'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(run: Run, arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
