"""The package that the guide to extending shows, as it stands there: built, installed, planned and trained with."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from commands import run_pipeline

GUIDE = Path(__file__).parents[2] / "docs/extending.md"
FILE = re.compile(r"^`(?P<path>[\w./]+)`\n\n```(?:toml|python)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

TRAIN = """
from test_letters import train
print(train().to_json())
"""
CLASSIFY = """
import json, sys
from pipeline.training.adapted_model import AdaptedModel
print(json.dumps(AdaptedModel.from_json(sys.stdin.read()).classify(["abba", "zyx", ""])))
"""
LINEAGE = """
import json
from pipeline.plans import expand
from pipeline.training.lineage import TaskRun, describe_lineage
from test_letters import PLAN, EveryNthDataset, Source
recipe = expand(PLAN).definitions[0]
split = recipe.dataset.split(Source())
print(json.dumps(describe_lineage(TaskRun("run-1"), recipe, split, "digest", 0)["libraries"]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's files, as the guide shows them."""
    folder = tmp_path_factory.mktemp("letters")
    (folder / "src/letters").mkdir(parents=True)
    (folder / "src/letters/__init__.py").touch()
    for path, text in FILE.findall(GUIDE.read_text(encoding="utf-8")):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package is installed into, from a wheel."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=package, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def environ(installed: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has the package, and no deployment."""
    return {"PYTHONPATH": str(installed), "PIPELINE_HOME": str(tmp_path / "none")}


def run_python(code: str, *folders: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own that finds modules and entry points in some folders too."""
    program = f"import sys; sys.path[:0] = {[*map(str, folders)]!r}\n{code}"
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def read_plan(package: Path) -> dict[str, Any]:
    """Return the plan of the package's own tests."""
    space: dict[str, Any] = {}
    source = (package / "tests/test_letters.py").read_text(encoding="utf-8")
    exec(re.search(r"^PLAN = \{.*?^\}$", source, re.MULTILINE | re.DOTALL)[0], space)  # type: ignore[index] # noqa: S102
    plan: dict[str, Any] = space["PLAN"]
    return plan


def break_module(installed: Path, folder: Path, module: str, text: str) -> Path:
    """Return a copy of the installed package in which one module holds something else."""
    for source in installed.rglob("*"):
        if source.is_file() and source.suffix != ".whl":
            copy = folder / source.relative_to(installed)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    (folder / "letters" / module).write_text(text, encoding="utf-8")
    return folder


def test_every_file_of_the_package_is_shown(package: Path) -> None:
    listed = re.findall(r"^├── (\S+)|^└── (\S+)", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    assert all((package / (one or other)).is_file() for one, other in listed)
    assert len(listed) == 6


def test_its_own_tests_pass(package: Path, environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]

    done = subprocess.run(command, cwd=package, env=environ | {"PATH": ""}, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_a_plan_names_its_classes(package: Path, environ: dict[str, str]) -> None:
    done = run_pipeline(environ, "plan", "check", "-", stdin=json.dumps(read_plan(package)))

    assert done.returncode == 0, done.stderr
    assert "nothing wrong, 8 definitions" in done.stdout


def test_schema_and_reference_list_its_classes(environ: dict[str, str], installed: Path) -> None:
    schema = json.loads(run_pipeline(environ, "plan", "schema").stdout)
    pages = run_python(
        "from pipeline.reference.pages import render_pages; print('\\n'.join(render_pages().values()))", installed
    ).stdout

    for section, name in (("dataset", "EveryNthDataset"), ("adapter", "LetterAdapter"), ("model", "letter_means")):
        assert f'"{name}"' in json.dumps(schema["properties"][section])
        assert f"## {name}\n" in pages
    assert "| `distance` | `manhattan` or `euclidean` | `euclidean` |" in pages


def test_a_document_of_its_classes_answers_the_same_in_another_process(package: Path, installed: Path) -> None:
    documents = [run_python(TRAIN, installed, package / "tests").stdout for _ in range(2)]

    answers = run_python(CLASSIFY, installed, stdin=documents[0])

    document = json.loads(documents[0])
    assert documents[0] == documents[1]
    assert answers.stdout == '["early", "late", "early"]\n'
    assert {document[part]["libraries"]["letters"] for part in ("adapter", "model")} == {"1.0.0"}


def test_the_lineage_tells_its_version(package: Path, installed: Path) -> None:
    done = run_python(LINEAGE, installed, package / "tests")

    assert json.loads(done.stdout)["letters"] == "1.0.0", done.stderr


def test_where_it_is_missing_its_documents_are_refused_by_name(package: Path, installed: Path) -> None:
    document = run_python(TRAIN, installed, package / "tests").stdout

    done = run_python(CLASSIFY, stdin=document)

    assert "DocumentError: adapter_type: found 'LetterAdapter'; allowed is one of " in done.stderr


def test_a_module_that_breaks_is_told_of_and_harms_nothing_else(
    package: Path, installed: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    document = run_python(TRAIN, installed, package / "tests").stdout
    broken = break_module(installed, tmp_path / "broken", "adapter.py", "import no_such_module\n")
    environ = environ | {"PYTHONPATH": str(broken)}
    plan = read_plan(package)
    reason = "letters: LetterAdapter (ModuleNotFoundError: No module named 'no_such_module')"

    refused = run_pipeline(environ, "plan", "check", "-", "--json", stdin=json.dumps(plan))
    excluded = run_pipeline(
        environ, "plan", "check", "-", stdin=json.dumps(plan | {"exclude": [{"adapter.name": "LetterAdapter"}]})
    )
    other = run_pipeline(environ, "plan", "check", "-", stdin=json.dumps(plan | {"adapter": {"name": "TfidfAdapter"}}))
    unread = run_python(CLASSIFY, broken, stdin=document)

    (finding,) = json.loads(refused.stdout)["findings"]
    assert finding["path"] == "adapter.name"
    assert reason in finding["allowed"]
    assert "an entry point could not be loaded" in refused.stderr
    assert excluded.stderr.count(f"unavailable: {reason}") == 2
    assert 'exclude[0]["adapter.name"]: unknown name "LetterAdapter"' in excluded.stderr
    assert (other.returncode, "nothing wrong, 4 definitions" in other.stdout) == (0, True)
    assert "an entry point could not be loaded" in other.stderr
    assert f"unavailable: {reason}" in unread.stderr
