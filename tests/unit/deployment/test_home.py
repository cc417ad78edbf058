"""Where the state folder is."""

from pathlib import Path

import pytest

from pipeline.deployment.home import code_root, find_home, make_home
from pipeline.errors import DeploymentError


def test_a_given_home_wins(tmp_path: Path) -> None:
    assert find_home(str(tmp_path), start=code_root()) == tmp_path


def test_a_relative_home_starts_at_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_home("state") == tmp_path / "state"


def test_the_repository_holds_it_from_any_folder_below() -> None:
    assert find_home(None, start=code_root() / "tests" / "unit") == code_root() / ".pipeline"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert find_home("", start=code_root()) == code_root() / ".pipeline"


def test_outside_any_repository_it_is_in_the_one_that_this_code_stands_in(tmp_path: Path) -> None:
    assert find_home(None, start=tmp_path) == Path(__file__).parents[3] / ".pipeline"


def test_without_any_repository_it_is_in_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipeline.deployment.home.code_root", lambda: tmp_path / "lib/python3.12")

    assert find_home(None, start=tmp_path / "here") == tmp_path / "here/.pipeline"


def test_a_home_is_closed_to_others(tmp_path: Path) -> None:
    home = make_home(tmp_path / "a" / "home")

    folders = (home.path, home.logs, home.airflow)
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DeploymentError, match="PIPELINE_HOME"):
        make_home(tmp_path / "file" / "home")
