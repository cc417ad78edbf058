"""What is said of a disk that takes nothing more."""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import psycopg
import pytest

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Database, find_state
from pipeline.stores.disk import SPARE_BYTES, describe_os_error, find_trouble


def make_figures(**overrides: Any) -> SimpleNamespace:
    """Return what the system says of a disk of 1,000 MB with 500 MB free."""
    values = {"f_flag": 0, "f_files": 100, "f_favail": 50, "f_frsize": 2**20, "f_bavail": 500, "f_blocks": 1000}
    return SimpleNamespace(**(values | overrides))


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"f_bavail": SPARE_BYTES // 2**20 - 1}, "is full (31 of 1,000 MB are free)"),
        ({"f_bavail": 0}, "is full (0 of 1,000 MB are free)"),
        ({"f_favail": 0}, "is full (no more files can be made on it; 500 of 1,000 MB are free)"),
        ({"f_flag": os.ST_RDONLY}, "is read-only"),
    ],
    ids=["nearly full", "full", "no file left", "read-only"],
)
def test_what_the_system_says_of_a_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures: dict[str, int], said: str
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: make_figures(**figures))

    trouble = find_trouble(tmp_path / "not" / "there" / "yet")

    assert trouble is not None
    assert trouble.what == f"the disk of {tmp_path} {said}"
    assert trouble.next_step.endswith("then run `pipeline up`")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_what_only_a_write_shows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(**_: Any) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)

    trouble = find_trouble(tmp_path)

    assert trouble is not None
    assert str(tmp_path) in trouble.what
    assert ("quota" in trouble.what) == (number == errno.EDQUOT)


def test_a_disk_with_room_is_no_trouble_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    assert find_trouble(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_error_about_something_else_is_not_about_a_disk(tmp_path: Path) -> None:
    assert describe_os_error(PermissionError(errno.EACCES, "no"), tmp_path) is None


def test_an_error_that_names_its_file_names_its_folder(tmp_path: Path) -> None:
    trouble = describe_os_error(OSError(errno.ENOSPC, "full", str(tmp_path / "model.json")))

    assert trouble is not None
    assert trouble.what.startswith(f"the disk of {tmp_path} is full")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nobody can mount a file system here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_real_small_disk_is_full(small_disk: Path) -> None:
    trouble = find_trouble(small_disk)

    assert trouble is not None
    assert trouble.what.startswith(f"the disk of {small_disk} is full")


def test_a_database_on_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://pipeline@127.0.0.1:1/models"
    database = Database.from_url("models_db", url, str(tmp_path))
    with pytest.raises(DatabaseUnavailableError, match="start it with `pipeline up`"), database.connection():
        pass
    monkeypatch.setattr(os, "statvfs", lambda _: make_figures(f_bavail=3))

    with pytest.raises(DatabaseUnavailableError) as caught, database.connection():
        pass

    assert f"the disk of {tmp_path} is full (3 of 1,000 MB are free)" in str(caught.value)
    assert "free at least 32 MB there" in str(caught.value)
    assert "start it" not in str(caught.value)


def test_a_server_of_another_machine_says_that_its_own_disk_is_full() -> None:
    database = Database.from_url("models_db", "postgresql://pipeline@db.example:5432/models", "/anywhere")

    error = database._unavailable(psycopg.errors.DiskFull("could not extend file"))

    assert "the disk of its server is full" in str(error)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", Path("/state")), ("localhost", Path("/state")), ("db.example", None)]
)
def test_only_a_server_of_this_machine_has_its_data_in_the_state_folder(host: str, expected: Path | None) -> None:
    assert find_state(f"postgresql://u:p@{host}:5432/models", "/state") == expected
    assert find_state(f"postgresql://u:p@{host}:5432/models", None) is None
    assert find_state("postgresql://[", "/state") is None


def test_a_command_whose_output_finds_no_room_says_so_in_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from pipeline.cli.app import main; main()", "plan", "schema"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PIPELINE_HOME": str(tmp_path)},
        )  # fmt: skip

    assert done.returncode == 1
    assert "error disk: the disk that was written to is full (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
