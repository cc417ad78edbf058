"""Every query in the .sql files: named, explained, used, and understood by PostgreSQL and by psql."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

import pipeline
from factories import make_definition, make_expansion, make_trained_model
from pipeline.deployment.postgres import binaries
from pipeline.stores import limited, locks, queues, roles
from pipeline.stores.database import Database
from pipeline.stores.examples.queries import queries as example_queries
from pipeline.stores.migrations.migrate import migrate
from pipeline.stores.models import (
    aliases,
    budgets,
    evaluations,
    history,
    leaderboard,
    ledger,
    notifications,
    prune,
    read,
    removal,
    run_names,
    split_accounts,
    store,
    trainings,
    trials,
)
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.stores.queries import Queries

PACKAGE = Path(pipeline.__file__).parent
# what is in `grants` are several statements each, which test_roles.py runs and pastes
FILES = sorted(path for path in PACKAGE.rglob("*.sql") if path.parent.name != "grants")
MODULES = (
    *(
        aliases,
        budgets,
        evaluations,
        history,
        leaderboard,
        ledger,
        notifications,
        read,
        prune,
        removal,
        run_names,
        split_accounts,
        store,
        trainings,
        trials,
    ),
    *(limited, locks, roles),
)
ALL_QUERIES = [example_queries, queues.queries, *(module.queries for module in MODULES)]

HEADED = re.compile(r"-- name: \w+\n-- [A-Z].*[.]\n(?:-- .*\n)*[A-Z][^;]*;")
PARAMETER = re.compile(r"%\((\w+)\)s")
EMPTY_COPY = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"


def plan(connection: psycopg.Connection[Any], query: Any) -> None:
    """Let PostgreSQL plan a query with NULL for every parameter; what it has no plan for is run."""
    if query.startswith("COPY"):
        with connection.cursor().copy(query) as copy:
            copy.write(EMPTY_COPY if "BINARY" in query else b"")
    elif query.startswith(("CREATE", "LOCK")):
        connection.execute(query)
    else:
        connection.execute("EXPLAIN " + query, dict.fromkeys(PARAMETER.findall(query)))


def find_broken(url: str, queries: Queries, *made: str) -> dict[str, str]:
    """Return why PostgreSQL refuses queries, by their names; `made` are those that make tables for the others."""
    broken = {}
    for name in queries:
        with psycopg.connect(url) as connection:
            for each in made:
                if each == name:
                    break
                connection.execute(getattr(queries, each))
            try:
                plan(connection, getattr(queries, name))
            except psycopg.Error as error:
                broken[name] = str(error)
            connection.rollback()
    return broken


@pytest.mark.parametrize("module", MODULES)
def test_postgresql_understands_every_query_to_the_models_database(models_url: str, module: Any) -> None:
    assert find_broken(models_url, module.queries) == {}


def test_postgresql_understands_every_query_to_the_examples_database(examples_url: str) -> None:
    assert find_broken(examples_url, example_queries, "create_staged", "create_repeated") == {}


def test_postgresql_understands_every_query_to_the_notifications_database(postgres_url: str) -> None:
    migrate(postgres_url, "notifications")

    assert find_broken(postgres_url, queues.queries) == {}


def test_a_broken_query_is_found(models_url: str, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("-- name: one\n-- Ask for what is not there.\nSELECT nothing FROM runs;\n")

    assert "nothing" in find_broken(models_url, Queries(tmp_path / "one.sql"))["one"]


def test_every_sql_file_is_tested_here() -> None:
    assert {name for path in FILES for name in Queries(path)} == {name for queries in ALL_QUERIES for name in queries}
    assert len(FILES) == len(ALL_QUERIES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_query_is_one_statement_with_a_name_and_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    comment, *parts = split(text)
    assert all(line.startswith("-- ") for line in comment.splitlines() if line)
    assert [part for part in parts if not HEADED.fullmatch(part.rstrip())] == []
    names = [part.splitlines()[0].removeprefix("-- name: ") for part in parts]
    assert [*Queries(path)] == names
    assert len({*names}) == len(names)
    assert "%" not in text  # psycopg would take it for a parameter


def test_every_query_is_used_and_every_used_query_is_there() -> None:
    used = {
        node.attr
        for text in (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
        if "from pipeline.stores." in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "queries"
    }

    assert used == {name for queries in ALL_QUERIES for name in queries}


def test_a_name_that_no_query_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"locks\.sql has no query 'take_lock', only try_lock, wait_for_lock"):
        locks.queries.take_lock  # noqa: B018


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("SELECT :'a', :b, :'a'::text", "SELECT %(a)s, %(b)s, %(a)s::text"),
        ("SELECT (:a), x::text, y[1:2], z[n:m]", "SELECT (%(a)s), x::text, y[1:2], z[n:m]"),
        ("SELECT '{a,b}', ARRAY[1], ''::bytea", "SELECT '{a,b}', ARRAY[1], ''::bytea"),
    ],
)
def test_a_parameter_is_written_as_psql_has_it_and_sent_as_psycopg_has_it(
    tmp_path: Path, written: str, sent: str
) -> None:
    (tmp_path / "one.sql").write_text(f"-- name: one\n-- Say it.\n{written};\n")

    assert Queries(tmp_path / "one.sql").one == sent


def split(text: str) -> list[str]:
    """Return what stands before the first query of a file, then each query as it stands there."""
    return re.split(r"^(?=-- name: )", text, flags=re.MULTILINE)


def paste(url: str, file: str, name: str, **variables: str) -> list[str]:
    """Return the lines that psql prints when a query is pasted into it, as it stands in its file."""
    [query] = [part for part in split((PACKAGE / "stores/models" / file).read_text()) if f" {name}\n" in part]
    sets = "".join(f"\\set {variable} {value}\n" for variable, value in variables.items())
    command = [str(binaries() / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url]
    done = subprocess.run(command, input=sets + query, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_query_is_pasted_into_psql_as_it_stands(models_db: Database, models_url: str) -> None:
    first, second = make_definition(sequence_length=1), make_definition(sequence_length=2)
    Ledger(models_db).open_run("o'clock", {}, make_expansion(first, second))
    ModelsStore(models_db).save(make_trained_model(first, "o'clock"))
    page, all_runs = {"limit": "5", "offset": "0"}, dict.fromkeys(("run_id", "tag", "text"), "NULL")

    assert paste(models_url, "ledger.sql", "select_labels_to_train", run_id="'o''clock'") == [first.label, second.label]
    [run] = paste(models_url, "ledger.sql", "select_runs", **all_runs, **page)
    assert run.startswith("o'clock|")
    assert paste(models_url, "ledger.sql", "select_runs", **(all_runs | {"run_id": "'''another'''"}), **page) == []
    filters = dict.fromkeys(("runs", "datasets", "adapters", "models", "text"), "NULL")
    filters |= {
        "states": "'''{trained,failed}'''",
        "options": "[]",
        "sort": "score",
        "descending": "true",
        "metric": "accuracy",
    }
    [row] = paste(models_url, "leaderboard.sql", "select_leaderboard", **filters, **page)
    assert row.split("|")[1] == first.label
