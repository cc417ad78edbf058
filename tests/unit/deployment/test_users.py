"""Who may log in on one machine: added, listed, removed, and kept by the next start."""

import json
import os
from pathlib import Path

import pytest

from commands import run_pipeline
from pipeline.deployment.home import Home, make_home
from pipeline.deployment.provision import provision
from pipeline.deployment.users import add_user, read_users, remove_user
from pipeline.errors import DeploymentError, PipelineError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A deployment that has not been started."""
    made = make_home(tmp_path / "home")
    provision(made)
    return made


def read_passwords(home: Home) -> dict[str, str]:
    found: dict[str, str] = json.loads(home.airflow_passwords.read_text())
    return found


def list_roles(home: Home) -> dict[str, str]:
    return {name: user.role for name, user in read_users(home).items()}


def test_a_new_deployment_has_an_administrator(home: Home) -> None:
    assert list_roles(home) == {"admin": "admin"}


def test_a_user_is_added_with_a_password_of_their_own(home: Home) -> None:
    passwords = {add_user(home, "anna", "viewer"), add_user(home, "bert@example.org", "op")}

    assert list_roles(home) == {"admin": "admin", "anna": "viewer", "bert@example.org": "op"}
    assert passwords < {*read_passwords(home).values()}
    assert all(len(password) == 16 for password in passwords)


def test_files_stay_the_owners_only(home: Home) -> None:
    add_user(home, "anna", "viewer")
    remove_user(home, "anna")

    assert {path.stat().st_mode & 0o777 for path in (home.users, home.airflow_passwords)} == {0o600}


def test_a_removed_user_is_in_neither_file(home: Home) -> None:
    add_user(home, "anna", "viewer")

    remove_user(home, "anna")

    assert "anna" not in read_users(home)
    assert "anna" not in read_passwords(home)


def test_who_is_added_again_is_somebody_else(home: Home) -> None:
    add_user(home, "anna", "viewer")
    first = read_users(home)["anna"].id
    remove_user(home, "anna")
    add_user(home, "anna", "viewer")

    assert read_users(home)["anna"].id != first


def test_the_next_start_keeps_users_and_their_passwords(home: Home) -> None:
    add_user(home, "anna", "viewer")
    users, passwords = dict(read_users(home)), read_passwords(home)

    provision(home)

    assert read_users(home) == users
    assert read_passwords(home) == passwords


@pytest.mark.parametrize("damage", [None, "{", "[]", '{"anna": 1}'])
def test_the_next_start_gives_everybody_a_password_again(home: Home, damage: str | None) -> None:
    add_user(home, "anna", "viewer")
    admin = read_passwords(home)["admin"]
    home.airflow_passwords.unlink() if damage is None else home.airflow_passwords.write_text(damage)

    provision(home)

    assert read_passwords(home)["admin"] == admin
    assert len(read_passwords(home)["anna"]) == 16


def test_a_deployment_of_an_earlier_version_gets_a_list(home: Home) -> None:
    home.users.unlink()
    with pytest.raises(DeploymentError, match="run `pipeline up` first"):
        read_users(home)

    provision(home)

    assert list_roles(home) == {"admin": "admin"}


@pytest.mark.parametrize("name", ["", "-x", "a b", "anna:admin", "a,b", "a\n", "x" * 65, "ann\u0430", "'"])
def test_a_name_that_is_not_allowed_is_refused(home: Home, name: str) -> None:
    with pytest.raises(PipelineError, match="at most 64 letters, digits"):
        add_user(home, name, "viewer")


def test_a_role_that_airflow_does_not_have_is_refused(home: Home) -> None:
    with pytest.raises(PipelineError, match="role: 'boss'; viewer, user, op, admin"):
        add_user(home, "anna", "boss")


@pytest.mark.parametrize("name", ["anna", "Anna"])
def test_a_name_that_is_taken_is_refused(home: Home, name: str) -> None:
    add_user(home, "anna", "viewer")

    with pytest.raises(PipelineError, match="there is already a 'anna'; remove it first: `pipeline users remove anna`"):
        add_user(home, name, "admin")
    assert list_roles(home)["anna"] == "viewer"


@pytest.mark.parametrize("name", ["admin", "ADMIN"])
def test_the_administrators_name_is_taken(home: Home, name: str) -> None:
    with pytest.raises(PipelineError, match="there is already a 'admin'; choose another name"):
        add_user(home, name, "viewer")


@pytest.mark.parametrize("password", ["", "short", "two lines\nof it", "tab\tin the middle"])
def test_a_password_that_is_too_short_or_of_several_lines_is_refused_unseen(home: Home, password: str) -> None:
    with pytest.raises(PipelineError, match="one line of at least 8 characters") as caught:
        add_user(home, "anna", "viewer", password)
    assert not password or password not in str(caught.value)
    assert "anna" not in read_users(home)


def test_an_unknown_user_cannot_be_removed(home: Home) -> None:
    with pytest.raises(PipelineError, match="there is no 'berta'; admin; see `pipeline users list`"):
        remove_user(home, "berta")


def test_the_user_as_whom_commands_log_in_cannot_be_removed(home: Home) -> None:
    add_user(home, "anna", "admin")

    with pytest.raises(PipelineError, match="'admin' cannot be removed: commands log in as this user"):
        remove_user(home, "admin")
    assert "admin" in read_users(home)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"anna": {}}', '{"anna": {"id": "1", "role": "boss", "added_at": ""}}']
)
def test_a_damaged_list_is_an_error_and_stays_as_it_is(home: Home, text: str) -> None:
    home.users.write_text(text)

    with pytest.raises(DeploymentError, match=r"users\.json.*restore it from a backup, or remove it"):
        provision(home)
    assert home.users.read_text() == text


def test_a_change_is_seen_at_once(home: Home) -> None:
    read_users(home)
    before = home.users.read_text()
    add_user(home, "anna", "viewer")
    with_anna = dict(read_users(home))
    home.users.write_text(before)
    os.utime(home.users, ns=(1, 1))

    assert "anna" in with_anna
    assert "anna" not in read_users(home)


def test_the_commands(home: Home) -> None:
    environ = {"PIPELINE_HOME": str(home.path)}

    made = run_pipeline(environ, "users", "add", "anna", "--role", "viewer")
    given = run_pipeline(environ, "users", "add", "bert", "--role", "op", "--password-stdin", stdin="correct horse\n")
    shown = run_pipeline(environ, "users", "list")
    listed = run_pipeline(environ, "users", "list", "--json")
    removed = run_pipeline(environ, "users", "remove", "anna")
    again = run_pipeline(environ, "users", "remove", "anna")

    assert f"Password: in {home.airflow_passwords}" in made.stdout
    assert "assword" not in given.stdout
    assert read_passwords(home)["bert"] == "correct horse"
    assert [(user["name"], user["role"]) for user in json.loads(listed.stdout)] == [
        ("admin", "admin"),
        ("anna", "viewer"),
        ("bert", "op"),
    ]
    assert all(word in shown.stdout for word in ("anna", "viewer", "bert", "op"))
    assert removed.returncode == 0
    assert (again.returncode, "there is no 'anna'" in again.stderr) == (1, True)
    assert list_roles(home) == {"admin": "admin", "bert": "op"}


def test_without_a_deployment_the_commands_say_so(tmp_path: Path) -> None:
    done = run_pipeline({"PIPELINE_HOME": str(tmp_path)}, "users", "list")

    assert done.returncode == 1
    assert "no deployment here; run `pipeline up` first" in done.stderr
