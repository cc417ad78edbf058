"""The installation without extras, in an environment of its own: what it has, how large it is, and what it does."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from fresh import ROOT, count_bytes, make_environment
from pipeline.extras import PLATFORM

LARGEST_MB = 350

LIST_FOUND = """
import json
from importlib.metadata import distributions
from importlib.util import find_spec
found = [name for name in {names!r} if find_spec(name)]
print(json.dumps([found, sorted(each.name.lower() for each in distributions())]))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of the environment."""
    try:
        return make_environment(tmp_path_factory.mktemp("small") / "venv", "requirements-service.lock")
    except subprocess.CalledProcessError as error:
        reason = f"the packages are neither in uv's cache nor at a package index: {error.stderr}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def run(python: Path, *arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment, outside of the checkout."""
    environ = {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    command = [str(python.parent / "python"), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=600, check=False)


def test_it_has_what_its_lock_has_and_nothing_of_the_platform(python: Path, tmp_path: Path) -> None:
    done = run(python, "-c", LIST_FOUND.format(names=sorted(PLATFORM)), folder=tmp_path)

    found, distributions = json.loads(done.stdout)
    assert found == []
    lock = (ROOT / "requirements-service.lock").read_text(encoding="utf-8")
    locked = {re.sub(r"[-_.]+", "-", name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    installed = {re.sub(r"[-_.]+", "-", name) for name in distributions}
    assert installed - locked == {"classifier-pipeline"}
    assert not [name for name in installed if "airflow" in name]


def test_every_document_is_loaded_and_answers_as_it_did(python: Path, tmp_path: Path) -> None:
    done = run(python, "-W", "error", ROOT / "tests/answering.py", ROOT / "tests/documents", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["differing"] == []
    assert found["documents"] > 40
    # with the bytecode files of what has been imported
    assert count_bytes(python) / 10**6 < LARGEST_MB


def test_the_command_helps_and_checks_plans(python: Path, tmp_path: Path) -> None:
    command = python.with_name("pipeline")

    helped = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    checked = run(python, command, "plan", "check", ROOT / "include/plans/catalogue.json", folder=tmp_path)

    assert (helped.returncode, helped.stderr) == (0, "")
    assert (checked.returncode, "nothing wrong" in checked.stdout) == (0, True), checked.stderr


def test_what_needs_the_platform_says_how_to_install_it(python: Path, tmp_path: Path) -> None:
    done = run(python, python.with_name("pipeline"), "up", folder=tmp_path)

    assert done.returncode == 1
    assert "psutil: is not installed" in done.stderr
    assert "pip install 'classifier-pipeline[platform]'" in " ".join(done.stderr.split())
    assert not list(tmp_path.iterdir())
