"""Commands are imported when they are run: what is said of them without that, and what is not imported."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from commands import run_pipeline
from pipeline.cli.commands import ENTRIES, load_command

ROOT = Path(__file__).parents[3]
DRAWING = ("rich.table", "rich.progress")
HEAVY = (
    "alembic",
    "cryptography",
    "fsspec",
    "gensim",
    "httpx",
    "kombu",
    "numpy",
    "psutil",
    "psycopg",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "structlog",
    "yaml",
)
"""Libraries that no command needs which only reads a file, or prints help."""

LIST_IMPORTED = """
import json, sys
try:
    {statement}
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def list_imported(tmp_path: Path, statement: str, arguments: Sequence[str] = (), exit_code: int = 0) -> set[str]:
    """Return the modules that a statement, in a process of its own, has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_IMPORTED.format(statement=statement), *arguments],
        env={"PIPELINE_HOME": str(tmp_path / "none")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("name", ENTRIES)
def test_the_root_command_says_what_the_command_says_of_itself(name: str) -> None:
    assert load_command(name).help.partition("\n\n")[0] == ENTRIES[name].help


def test_help_lists_every_command(tmp_path: Path) -> None:
    said = run_pipeline({"PIPELINE_HOME": str(tmp_path)}, "--help").stdout

    lines = [line.removeprefix("│ ").split(maxsplit=2) for line in said.splitlines() if not line.startswith("│  ")]
    listed = [words[:2] for words in lines if words and words[0] in ENTRIES]
    assert listed == [[name, entry.help.split()[0]] for name, entry in ENTRIES.items()]


def test_a_command_that_there_is_none_of_is_answered_with_one_like_it(tmp_path: Path) -> None:
    done = run_pipeline({"PIPELINE_HOME": str(tmp_path)}, "exmples")

    assert done.returncode == 2
    assert "Did you mean 'examples'?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "drawn"),
    [(["--help"], True), (["plan", "check", "include/plans/demo.json"], False)],
    ids=["help", "plan check"],
)
def test_a_command_imports_nothing_that_it_does_not_need(arguments: list[str], drawn: bool, tmp_path: Path) -> None:
    imported = list_imported(tmp_path, "from pipeline.cli.app import main; main()", arguments)

    assert not {name for name in imported if name.partition(".")[0] in HEAVY}
    assert drawn or not imported.intersection(DRAWING)


def test_a_health_check_imports_nothing_that_serving_needs(tmp_path: Path) -> None:
    setting = "import os; os.environ['AIRFLOW_CONN_MODELS_DB'] = 'postgresql://somewhere/else'"
    statement = f"{setting}; from pipeline.cli.app import main; main()"

    imported = list_imported(tmp_path, statement, ["serve", "--check", "alive"], exit_code=1)

    assert not {name for name in imported if name.partition(".")[0] in {*HEAVY, "fastapi", "uvicorn", "uvloop"}}


def test_a_training_imports_nothing_that_people_talk_to(tmp_path: Path) -> None:
    imported = list_imported(tmp_path, "import pipeline.training.train")

    rooms = {".".join(name.split(".")[:2]) for name in imported if name.startswith("pipeline.")}
    assert not rooms & {"pipeline.deployment", "pipeline.cli", "pipeline.registry", "pipeline.airflow_client"}
