"""What works without the packages of the extra `platform`, and what the rest says."""

import ast
import json
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import pipeline
from pipeline.cli.commands import ENTRIES
from pipeline.errors import NotInstalledError
from pipeline.extras import PLATFORM, explaining_missing

ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "tests/documents"
SOURCE = Path(pipeline.__file__).parent
ANSWERING = (
    "pipeline.training.adapted_model",
    "pipeline.stores.models.store",
    "pipeline.stores.models.aliases",
    "pipeline.notifications.queue",
    "pipeline.runs.connections",
    "pipeline.web.problems",
    *sorted(f"pipeline.service.{path.stem}" for path in SOURCE.glob("service/[!_]*.py")),
)
"""What answers with models, and what the service is made of."""
ADVICE = "it is part of the platform, which trains models and runs a deployment; "
ADVICE += "install that: `pip install 'classifier-pipeline[platform]'`"


def run_without(packages: frozenset[str], code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that finds none of some packages."""
    start = f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r}); import answering; answering.refuse(*{{!r}})\n"
    command = [sys.executable, "-W", "error", "-c", start.format(sorted(packages)) + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def run_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `pipeline` without the platform, with no deployment."""
    code = f"import os; os.environ['PIPELINE_HOME'] = {str(folder / 'none')!r}\n"
    return run_without(PLATFORM, code + "from pipeline.cli.app import main; main()", *arguments)


def read_lock(name: str) -> set[str]:
    """Return the names of the distributions in a lock."""
    return set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def normalise(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def find_foreign_imports() -> Iterator[tuple[Path, str]]:
    """Yield every package of others that the product imports, anywhere, with the module that does."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if (package := name.partition(".")[0]) not in {*sys.stdlib_module_names, "pipeline"}:
                    yield path.relative_to(SOURCE), package


def test_every_document_is_loaded_and_answers_as_it_did() -> None:
    command = [sys.executable, "-W", "error", str(ROOT / "tests/answering.py"), str(DOCUMENTS), *PLATFORM]

    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["differing"] == []
    assert found["documents"] == len([path for path in DOCUMENTS.glob("format_*/*") if ".answers" not in path.name])
    assert not {name.partition(".")[0] for name in found["imported"]} & PLATFORM


def test_what_answers_is_imported() -> None:
    done = run_without(PLATFORM, f"import {', '.join(ANSWERING)}")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ANSWERING)
def test_what_answers_imports_nothing_of_the_platform_even_where_it_is_installed(module: str) -> None:
    done = run_without(frozenset(), f"import {module}; print(*sys.modules)")

    assert done.returncode == 0, done.stderr
    # kombu takes up yaml where it is there
    assert not {name.partition(".")[0] for name in done.stdout.split()} & (PLATFORM - {"yaml"})


def test_every_command_can_say_what_it_does(tmp_path: Path) -> None:
    code = (
        "from pipeline.cli.commands import ENTRIES, load_command\nfor name in ENTRIES: print(load_command(name).help)"
    )

    helped = run_command(tmp_path, "--help")
    done = run_without(PLATFORM, code)

    assert helped.returncode == 0, helped.stderr
    assert done.returncode == 0, done.stderr
    assert all(entry.help in done.stdout for entry in ENTRIES.values())


def test_a_plan_is_checked(tmp_path: Path) -> None:
    done = run_command(tmp_path, "plan", "check", str(ROOT / "include/plans/catalogue.json"))

    assert (done.returncode, "nothing wrong" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("command", "package"),
    [
        ("up", "psutil"),
        ("status", "psutil"),
        ("down", "psutil"),
        ("migrate", "yaml"),
        ("airflow version", "airflow"),
        ("settings apply", "yaml"),
    ],
)
def test_a_command_that_needs_the_platform_says_how_to_install_it(command: str, package: str, tmp_path: Path) -> None:
    done = run_command(tmp_path, *command.split())

    assert done.returncode == 1
    assert " ".join(done.stderr.split()) == f"error {package}: is not installed; {ADVICE}"
    assert not (tmp_path / "none").exists()


def test_up_needs_airflow_itself_too(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from pipeline.extras import explaining_missing\n"
        "from pipeline.deployment.start import start\n"
        "with explaining_missing(): start(Path(sys.argv[1]), print)"
    )

    done = run_without(frozenset({"airflow"}), code, str(tmp_path / "none"))

    assert f"NotInstalledError: airflow: is not installed; {ADVICE}" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "adapter", ["Word2VecAdapter(sequence_length=2)", "FastTextAdapter(sequence_length=2)", "Doc2VecAdapter()"]
)
def test_an_adapter_that_gensim_trains_says_so(adapter: str) -> None:
    name = adapter.partition("(")[0]
    module = re.sub(r"(?<=[a-z])A", "_a", name).lower()
    code = f"from pipeline.adapters.{module} import {name}; {adapter}.fit(['one one', 'two two'])"

    done = run_without(PLATFORM, code)

    assert f"NotInstalledError: gensim: is not installed; {ADVICE}" in done.stderr


def test_a_schema_is_not_migrated() -> None:
    code = "from pipeline.stores.migrations.migrate import migrate; migrate('postgresql://none', 'models')"

    done = run_without(PLATFORM, code)

    assert f"NotInstalledError: alembic: is not installed; {ADVICE}" in done.stderr


def test_the_readme_quotes_what_is_said() -> None:
    assert f"\nerror {NotInstalledError('psutil')}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_another_missing_module_is_not_blamed_on_the_installation() -> None:
    with pytest.raises(ModuleNotFoundError), explaining_missing():
        import no_such_module  # type: ignore[import-not-found] # noqa: F401


def test_the_error_survives_the_way_between_processes() -> None:
    error = NotInstalledError("gensim")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


def test_the_product_imports_what_answers_need_or_what_the_platform_adds() -> None:
    service, whole = read_lock("requirements-service.lock"), read_lock("requirements.lock")
    found = {package: path for path, package in find_foreign_imports()}
    distributions = {package: {*map(normalise, packages_distributions().get(package, ()))} for package in found}

    unlocked = {package for package in found if not distributions[package] & service}

    assert unlocked <= PLATFORM, {package: str(found[package]) for package in unlocked - PLATFORM}
    assert all(distributions[package] & whole for package in unlocked)
    assert len(found) - len(unlocked) > 15


def test_what_answers_need_has_nothing_that_only_the_platform_adds() -> None:
    service = read_lock("requirements-service.lock")
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {normalise(re.split(r"[^\w.-]", wanted)[0]) for wanted in extra["platform"]}
    names |= {normalise(each) for package in PLATFORM for each in packages_distributions().get(package, ())}

    # rich, which prints the commands' tables, brings the Markdown reader with it
    assert names & service == {"markdown-it-py"}
    assert len(service) < len(read_lock("requirements.lock")) / 3
