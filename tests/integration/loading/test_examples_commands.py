"""`pipeline examples …`, as a user runs it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run_pipeline
from integration.loading.loading import MakeFile
from pipeline.examples.keyring import KeyRing

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(examples_url: str, keys_file: Path) -> Run:
    """Run `pipeline examples` with arguments, against a fresh database and key file."""
    environ = {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": examples_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
        "PIPELINE_EXAMPLES_KEYS_FILE": str(keys_file),
    }

    def run(*arguments: str | Path, stdin: str = "", **overrides: str) -> subprocess.CompletedProcess[str]:
        return run_pipeline(environ | overrides, "examples", *arguments, stdin=stdin)

    return run


def test_load_stats_and_rotate_tell_programs_what_they_did(run: Run, make_csv: MakeFile, keys_file: Path) -> None:
    loaded = run("load", make_csv("2016-1-1,a,one", "never,b,two"), "--skip-bad", "--json")
    assert json.loads(loaded.stdout) == {
        "collection": "default", "read": 2, "loaded": 1, "already_there": 0, "skipped_bad": 1,
        "replaced": 0,
    }  # fmt: skip
    assert "examples.csv:3, column time: a text of 5 characters" in loaded.stderr

    rotated = json.loads(run("rotate-key", "--json").stdout)
    assert (rotated["reencrypted"], rotated["key_id"]) == (1, KeyRing.from_file(keys_file).current.id)

    (found,) = json.loads(run("stats", "--json").stdout)
    assert (found["examples"], found["classifications"]) == (1, {"a": 1})
    assert found["key_ids"] == {rotated["key_id"]: 1}


def test_broken_file_ends_with_a_sentence_and_exit_code_1(run: Run, make_csv: MakeFile) -> None:
    result = run("load", make_csv("2016-2-30,a,hidden words"))

    assert result.returncode == 1
    assert "error examples.csv: 1 row is broken, so nothing was loaded" in result.stderr
    assert "examples.csv:2, column time: '2016-2-30' does not exist in the calendar" in result.stderr
    assert "hidden words" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_columns_are_chosen_by_option(run: Run, make_csv: MakeFile) -> None:
    path = make_csv("1,2016-1-1,a,one", header="key,sent,kind,body")
    options = ("--text", "body", "--time", "sent", "--classification", "kind", "--id", "key", "--collection", "mail")

    assert "1 rows read: 1 loaded into mail" in run("load", path, *options).stdout
    refused = run("load", path).stderr
    assert "no column 'text' for the text" in refused
    assert "the file has the columns 'key', 'sent', 'kind', 'body'; name the right ones with --text" in refused


def test_demo_prints_its_counts_and_stats_show_them(run: Run) -> None:
    assert "200 rows read: 200 loaded into default" in run("demo").stdout
    assert "alt.atheism" in run("stats").stdout


def test_missing_key_and_database_that_is_down_are_told_without_a_traceback(run: Run) -> None:
    no_key = run("stats", PIPELINE_EXAMPLES_KEYS_FILE="/nowhere/keys")
    assert no_key.returncode == 1
    assert "/nowhere/keys): cannot be read" in no_key.stderr

    down = run("demo", AIRFLOW_CONN_EXAMPLES_DB="postgresql://nobody:secret@127.0.0.1:1/none")
    assert down.returncode == 1
    assert "error examples_db: no connection" in down.stderr
    assert "secret" not in down.stderr
    assert "Traceback" not in no_key.stderr + down.stderr


def test_examples_are_found_corrected_and_deleted(run: Run, make_csv: MakeFile, tmp_path: Path) -> None:
    rows = ("2024-5-1,spam,win a watch", "2024-5-2,spam,see you at noon", "2024-5-3,ham,the minutes")
    run("load", make_csv(*rows))

    found = json.loads(run("find", "--text", "NOON", "--json").stdout)
    assert (found["found"], found["items"][0]["classification"]) == (1, "spam")
    shown = run("find", "--class", "spam", "--limit", "1").stdout
    assert "win a watch" in shown
    assert "2 examples found, 1 not shown; see --limit." in shown

    ids = tmp_path / "wrong.txt"
    ids.write_text(f"{found['items'][0]['id']}\n\npost-9\n")
    corrected = run("correct", "ham", "--ids", ids, "--why", "not spam", "--yes")
    assert corrected.stdout == "1 example of default corrected.\n", corrected.stderr
    assert corrected.stderr == "1 of 2 ids found nothing in default.\n"
    assert run("delete", "--from", "2024-5-3", "--why", "a test", "--yes", "--json").stdout.split() == [
        "{", '"collection":', '"default",', '"deleted":', "1", "}",
    ]  # fmt: skip

    assert json.loads(run("stats", "--json").stdout)[0]["classifications"] == {"ham": 1, "spam": 1}
    journal = json.loads(run("changes", "--json").stdout)
    assert [(each["kind"], each["examples"], each["reason"]) for each in journal] == [
        ("deleted", 1, "a test"),
        ("corrected", 1, "not spam"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("delete", "--why", "x", "--yes"), "nothing says which ones"),
        (("delete", "--why", "x", "--all", "--class", "a", "--yes"), "--all: given together with what chooses some"),
        (("correct", " ", "--why", "x", "--all", "--yes"), "the class is empty"),
        (("correct", "[1]", "--why", "x", "--all", "--yes"), "the class is a list"),
        (("find", "--from", "yesterday"), "--from: 'yesterday' is not a date or time"),
        (("find", "--ids", "/nowhere"), "/nowhere: cannot be read"),
        (("find", "--collection", "a b"), "not a valid collection name"),
        (("delete", "--all", "--why", "x"), "Delete 1 example (1 of a)?"),
    ],
)
def test_a_change_that_nobody_can_mean_is_refused(
    run: Run, make_csv: MakeFile, arguments: tuple[str, ...], said: str
) -> None:
    run("load", make_csv("2024-5-1,a,one"))

    result = run(*arguments)

    assert result.returncode == 1
    assert said in result.stdout + result.stderr
    assert json.loads(run("stats", "--json").stdout)[0]["examples"] == 1


@pytest.mark.parametrize("option", ["--text", "--class", "--id"])
def test_an_empty_choice_is_refused_and_changes_nothing(run: Run, make_csv: MakeFile, option: str) -> None:
    """Such as a variable of the shell that is not set: it would choose the whole collection."""
    run("load", make_csv("2016-1-1,a,one", "2016-1-2,b,two"))

    refused = run("delete", option, "  ", "--why", "a slip", "--yes")

    assert refused.returncode == 1
    assert f"{option}: is empty; leave it out" in refused.stderr
    assert json.loads(run("stats", "--json").stdout)[0]["examples"] == 2


def test_ids_from_a_file_with_a_byte_order_mark_are_all_found(run: Run, make_csv: MakeFile) -> None:
    run("load", make_csv("x,2016-1-1,a,one", "y,2016-1-2,b,two", header="id,time,label,text"), "--id", "id")

    found = run("find", "--ids", "-", "--json", stdin="\ufeffx\r\ny\r\n")

    assert json.loads(found.stdout)["found"] == 2


def test_aliases_are_not_forgotten_without_their_models(run: Run) -> None:
    refused = run("forget", "x", "--why", "asked", "--and-aliases", "--yes")

    assert "--and-aliases: given without --and-models; give both, or neither" in refused.stderr
