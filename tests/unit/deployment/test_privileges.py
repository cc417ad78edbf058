"""Dropping root."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.deployment import privileges
from pipeline.deployment.privileges import give, without_root
from pipeline.errors import DeploymentError

WHO_AND_WHAT = "import os, sys; print(os.geteuid(), os.getgroups(), open(sys.argv[1]).read())"


def test_a_program_is_not_root_and_still_reads_below_closed_folders(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").write_text("content")
    (closed / "file").chmod(0o600)
    command = without_root([sys.executable, "-c", WHO_AND_WHAT, str(closed / "file")])
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert not done.stdout.startswith("0 ")
    assert done.stdout.strip().endswith("content")


def test_a_user_who_is_not_root_runs_the_command_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    owner = tmp_path.stat().st_uid
    give(tmp_path)

    assert without_root(["postgres", "-D"]) == ["postgres", "-D"]
    assert tmp_path.stat().st_uid == owner


def test_root_without_setpriv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(DeploymentError, match="install util-linux"):
        without_root(["postgres"])


def test_only_reading_is_kept_where_the_system_grants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/setpriv")
    for granted, kept in ((0x6, "-all,+dac_read_search"), (0x2, "-all,+dac_override"), (0x0, None)):
        monkeypatch.setattr(privileges, "_permitted_capabilities", lambda granted=granted: granted)
        found = [part.split("=", 1)[1] for part in without_root(["x"]) if part.startswith("--bounding-set")]

        assert found == ([kept] if kept else [])
