"""Models are deleted and retired over REST and by commands."""

import json
import subprocess
from collections.abc import Callable

import pytest

from commands import run_pipeline
from integration.registry.client import DEFINITIONS, LABELS, Client, open_run, save
from pipeline.stores.author import Author
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.removal import RemovalStore

LABEL = LABELS[0]
SET = {"count": 4, "first": "2016-01-01", "last": "2016-01-02", "classes": {"a": 2, "b": 2}, "digest": "d"}
LINEAGE = {"examples": {"digest": "d", "training": SET, "testing": SET}, "seed": 0}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def two_versions(models_db: Database) -> None:
    for run_id in ("run-1", "run-2"):
        open_run(models_db, DEFINITIONS[0], run_id=run_id)
        save(models_db, DEFINITIONS[0], run_id, lineage=LINEAGE)


@pytest.fixture
def run(models_url: str) -> Run:
    """Return a function that runs `pipeline …`."""
    names = ("AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS")
    given = dict.fromkeys(names, models_url)
    return lambda *arguments, **options: run_pipeline(given, *arguments, **options)


def test_a_version_is_deleted_and_its_name_stays(client: Client) -> None:
    answer = client.request("DELETE", f"/models/{LABEL}@1", params={"reason": "of no use"})

    assert answer.status_code == 204
    assert client.refuse("GET", f"/models/{LABEL}@1")[0] == 404
    assert [model["version"] for model in client.get(f"/models/{LABEL}/versions")["items"]] == [2]
    (deleted,) = client.get("/deleted")
    assert (deleted["label"], deleted["version"]) == (LABEL, 1)
    assert (deleted["deleted_by"], deleted["reason"]) == ("ann", "of no use")


@pytest.mark.parametrize(
    ("reference", "reason", "words"),
    [
        (LABEL, "of no use", "has 2 versions"),
        (f"{LABEL}@2", "of no use", "@champion points at"),
        (f"{LABEL}@1", " ", "1 to 1,000 characters that say why"),
    ],
)
def test_what_is_not_deleted_says_why(
    client: Client, models_db: Database, reference: str, reason: str, words: str
) -> None:
    AliasesStore(models_db).move("champion", f"{LABEL}@2", "ann", "best")

    status, detail = client.refuse("DELETE", f"/models/{reference}", params={"reason": reason})

    assert status == 422
    assert words in detail
    assert client.get("/models")["total"] == 2


def test_a_model_is_deleted_with_its_alias_and_everybody_hears_of_that(client: Client, models_db: Database) -> None:
    AliasesStore(models_db).move("champion", f"{LABEL}@2", "ann", "best")

    answer = client.request("DELETE", f"/models/{LABEL}@2", params={"reason": "wrong", "with_aliases": "true"})

    assert answer.status_code == 204
    assert client.get("/aliases") == []
    moves = client.get("/aliases/champion/moves")["items"]
    assert [(move["label"], move["version"], move["is_deleted"]) for move in moves] == [
        (None, None, None),
        (LABEL, 2, True),
    ]


def test_a_retired_model_leaves_lists_and_the_leaderboard_and_comes_back(client: Client) -> None:
    retired = client.request("PATCH", f"/models/{LABEL}@2", json={"retired": True, "reason": "too slow"}).json()

    assert retired["retired_at"]
    assert [model["version"] for model in client.get("/models")["items"]] == [1]
    rows = client.get("/definitions", run="run-2")["items"]
    assert [row["model"] for row in rows] == [None]
    assert rows[0]["error"].startswith("its model was retired by ann on ")
    assert [each["version"] for each in client.get(f"/models/{LABEL}/versions")["items"]] == [2, 1]
    shown = client.get(f"/models/{LABEL}@2")
    assert (shown["retired_by"], shown["retired_for"]) == ("ann", "too slow")

    back = client.request("PATCH", f"/models/{LABEL}@2", json={"retired": False, "reason": "not that slow"}).json()

    assert back["retired_at"] is None
    assert client.get("/models")["total"] == 2
    assert client.get("/definitions", run="run-2")["items"][0]["model"]["version"] == 2


def test_a_command_deletes_models_after_a_question(run: Run) -> None:
    refused = run("models", "delete", f"{LABEL}@1", "--why", "of no use", stdin="n\n")
    done = run("models", "delete", f"{LABEL}@1", f"{LABEL}@2", "--why", "of no use", "--yes")
    listed = json.loads(run("models", "deleted", "--json").stdout)

    assert f"Delete {LABEL}@1? Nothing brings them back." in refused.stdout
    assert done.stdout == f"{LABEL}@1 of run run-1 deleted\n{LABEL}@2 of run run-2 deleted\n"
    assert [(each["label"], each["version"], each["reason"]) for each in listed] == [
        (LABEL, 2, "of no use"),
        (LABEL, 1, "of no use"),
    ]
    assert "No models yet" in run("models", "list").stdout


def test_a_command_retires_a_model_and_brings_it_back(run: Run) -> None:
    assert run("models", "retire", f"{LABEL}@2", "--why", "too slow").stdout == f"{LABEL}@2 is retired\n"
    assert [each["version"] for each in json.loads(run("models", "list", "--json").stdout)] == [1]
    assert [each["version"] for each in json.loads(run("models", "list", "--retired", "--json").stdout)] == [2]
    assert "retired   by " in run("models", "show", f"{LABEL}@2").stdout
    assert run("models", "bring-back", f"{LABEL}@2").stdout == f"{LABEL}@2 is in use again\n"
    assert run("models", "list", "--retired").stdout == "No model is retired.\n"


def test_an_alias_whose_model_was_deleted_shows_so_in_its_history(run: Run) -> None:
    run("aliases", "set", "champion", f"{LABEL}@1", "--why", "first")
    kept = run("models", "delete", f"{LABEL}@1", "--why", "wrong", "--yes")
    run("models", "delete", f"{LABEL}@1", "--why", "wrong", "--yes", "--and-aliases")

    assert "@champion points at" in kept.stderr
    assert f"{LABEL}@1 (deleted)" in run("aliases", "history").stdout


def test_a_deletion_that_was_interrupted_is_finished_by_the_same_command(run: Run, models_db: Database) -> None:
    RemovalStore(models_db).delete([f"{LABEL}@1"], Author("jo", "wrong"))  # and killed before the tables are written

    def find_file() -> object:
        with models_db.connection() as connection:
            return connection.execute("SELECT pg_relation_filepath('models')").fetchone()

    before = find_file()
    again = run("models", "delete", f"{LABEL}@1", "--why", "wrong")

    assert again.stdout == "They were deleted before. The tables are written anew.\n"
    assert find_file() != before
    assert f"{LABEL}@1 was deleted by jo on " in run("models", "show", f"{LABEL}@1").stderr
    assert "there is no 'nothing@1'" in run("models", "delete", "nothing@1", "--why", "wrong").stderr
