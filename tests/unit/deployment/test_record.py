"""What a deployment remembers."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.deployment.condition import read_status
from pipeline.deployment.home import Home, make_home
from pipeline.deployment.provision import provision
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.stop import stop
from pipeline.deployment.variables import environment, narrow, supervised_environment
from pipeline.errors import DeploymentError

ADDED = ("owner_password", "tasks_password", "registry_password", "service_password", "airflow_password")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def test_what_is_made_once_is_found_again(home: Home) -> None:
    first = provision(home)
    keys = home.examples_keys.read_bytes()

    assert provision(home) == first
    assert home.examples_keys.read_bytes() == keys


def test_a_start_cut_short_keeps_the_secrets_it_made(home: Home) -> None:
    _, secrets = provision(home)
    home.record.unlink()

    assert provision(home)[1] == secrets


def test_two_deployments_share_no_secret(tmp_path: Path) -> None:
    secrets = [provision(make_home(tmp_path / name))[1] for name in ("a", "b")]

    assert not set(vars(secrets[0]).values()) & set(vars(secrets[1]).values())


def test_files_of_secrets_are_the_owners_only(home: Home) -> None:
    provision(home)

    files = (home.secrets, home.examples_keys, home.users, home.airflow_passwords, home.record)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_ports_stay_until_somebody_else_has_them(home: Home) -> None:
    record, _ = provision(home)

    assert record.with_free_ports() == record
    with socket.socket() as other:
        other.bind(("127.0.0.1", record.postgres_port))
        other.listen()
        moved = record.with_free_ports()
    assert moved.postgres_port != record.postgres_port
    assert moved.supervisor_port == record.supervisor_port


def test_a_record_of_an_early_version_gets_the_port_for_tasks(home: Home) -> None:
    record, _ = provision(home)
    values = json.loads(home.record.read_text())
    del values["execution_port"]
    home.record.write_text(json.dumps(values))

    found = Record.read(home)
    moved = found.with_free_ports()

    assert found.execution_port == 0
    assert moved == replace(record, execution_port=moved.execution_port)
    assert moved.execution_port > 0
    assert moved.with_free_ports() == moved


def test_no_deployment_asks_for_a_start(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="run `pipeline up` first"):
        environment(tmp_path)


def test_a_folder_of_another_format_is_refused(home: Home) -> None:
    home.record.write_text(json.dumps({"format": 99}))

    with pytest.raises(DeploymentError, match="state folder of format 99; this version reads format 1"):
        Record.read(home)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_record_is_refused(home: Home, text: str) -> None:
    home.record.write_text(text)

    with pytest.raises(DeploymentError, match="remove it, then run `pipeline up`, which makes a new one"):
        Record.read(home)


def test_damaged_secrets_are_refused_without_showing_them(home: Home) -> None:
    home.secrets.write_text('{"jwt_secret": "do-not-show"}')
    home.secrets.chmod(0o600)

    with pytest.raises(DeploymentError, match="does not contain the expected secrets") as caught:
        Secrets.read(home)
    assert "do-not-show" not in str(caught.value)


def test_the_environment_names_the_connections(home: Home) -> None:
    record, secrets = provision(home)
    found = environment(home.path)

    server = f"postgresql://owner:{secrets.owner_password}@127.0.0.1:{record.postgres_port}"
    assert found["AIRFLOW_CONN_EXAMPLES_DB"] == f"{server}/examples"
    assert found["AIRFLOW_CONN_MODELS_DB"] == f"{server}/models"
    assert found["AIRFLOW_CONN_NOTIFICATIONS"] == f"{server}/notifications"
    assert found["PIPELINE_HOME"] == str(home.path)
    assert "PIPELINE_DEPLOYMENT_ID" not in found


def test_programs_have_the_connections_of_what_they_do(home: Home) -> None:
    record, secrets = provision(home)
    keys = {"PIPELINE_EXAMPLES_KEYS": "set by hand", "PATH": "/bin"}
    for inherited in ({"PATH": "/bin"}, keys):
        supervised = supervised_environment(home, record, secrets, inherited)
        server, scheduler, other = (narrow(supervised, name) for name in ("api-server", "scheduler", "postgres"))

        assert secrets.postgres_password not in "".join(supervised.values())
        assert not [name for name in server if name.startswith(("PIPELINE_EXAMPLES_", "PIPELINE_PREPARED_"))]
        assert {name: urlsplit(url).username for name, url in server.items() if name.startswith("AIRFLOW_CONN_")} == {
            "AIRFLOW_CONN_REGISTRY_DB": "registry",
            "AIRFLOW_CONN_REGISTRY_EXAMPLES_DB": "registry",
            "AIRFLOW_CONN_NOTIFICATIONS": "registry",
        }
        assert {
            name: urlsplit(url).username for name, url in scheduler.items() if name.startswith("AIRFLOW_CONN_")
        } == {
            "AIRFLOW_CONN_EXAMPLES_DB": "tasks",
            "AIRFLOW_CONN_MODELS_DB": "tasks",
            "AIRFLOW_CONN_NOTIFICATIONS": "tasks",
        }
        assert not [name for name in other if name.startswith(("AIRFLOW_CONN_", "PIPELINE_EXAMPLES_"))]
        assert server["AIRFLOW_HOME"] == scheduler["AIRFLOW_HOME"] == other["AIRFLOW_HOME"]


def make_earlier(home: Home) -> dict[str, str]:
    """Take from a deployment's secrets those that an earlier version did not have, and return the others."""
    provision(home)
    secrets = {name: word for name, word in json.loads(home.secrets.read_text()).items() if name not in ADDED}
    home.secrets.write_text(json.dumps(secrets))
    home.postgres.mkdir()
    return secrets


def test_secrets_of_an_earlier_version_are_completed(home: Home) -> None:
    earlier = make_earlier(home)

    record, secrets = provision(home)

    assert vars(secrets).items() >= earlier.items()
    assert {*vars(secrets)} == {*earlier, *ADDED}
    assert all(vars(secrets).values())
    assert provision(home) == (record, secrets)
    assert home.secrets.stat().st_mode & 0o777 == 0o600


def test_commands_of_this_version_ask_for_a_start_before(home: Home) -> None:
    make_earlier(home)

    with pytest.raises(DeploymentError, match=r"is of an earlier version, .*; run `pipeline up`, which makes them"):
        environment(home.path)
    assert not read_status(home.path).healthy


def test_supervised_processes_are_marked_and_do_not_know_the_login(home: Home) -> None:
    record, secrets = provision(home)
    inherited = {"PATH": "/bin", "PGHOST": "elsewhere", "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "intranet"}
    found = supervised_environment(home, record, secrets, inherited)

    assert found["PIPELINE_DEPLOYMENT_ID"] == record.id
    assert secrets.admin_password not in found.values()
    assert not {"PGHOST", "PYTHONDONTWRITEBYTECODE"} & set(found)
    assert found["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert found["PATH"].endswith(":/bin")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666, 0o604])
def test_secrets_that_others_can_read_or_change_are_refused(home: Home, mode: int) -> None:
    Secrets.new().write(home)
    Secrets.read(home)
    home.secrets.chmod(mode)

    with pytest.raises(DeploymentError, match=f"has mode {mode:04o}, so others can read its secrets.*chmod 600"):
        Secrets.read(home)


def test_a_file_that_is_gone_beside_others_is_named(home: Home) -> None:
    Record.new().write(home)

    with pytest.raises(DeploymentError, match=r"secrets\.json: is missing; restore it from a backup"):
        Secrets.read(home)


@pytest.mark.parametrize(
    "name", ["secrets.json", "examples.keys", "users.json", "airflow/passwords.json", "supervisord.conf"]
)
def test_a_file_of_secrets_that_others_can_read_is_refused(home: Home, name: str) -> None:
    provision(home)
    (home.path / name).touch()
    (home.path / name).chmod(0o640)

    with pytest.raises(DeploymentError, match=r"has mode 0640, .*chmod 600"):
        provision(home)
    assert any(name in problem and "0640" in problem for problem in read_status(home.path).problems)


def test_secrets_that_data_needs_are_never_made_anew(home: Home) -> None:
    provision(home)
    home.postgres.mkdir()
    home.secrets.unlink()

    with pytest.raises(DeploymentError, match=r"secrets\.json: is missing; restore it"):
        provision(home)
    assert not home.secrets.exists()


def test_a_key_file_is_never_made_over_data(home: Home) -> None:
    provision(home)
    home.postgres.mkdir()
    home.examples_keys.unlink()
    provision(home)

    assert not home.examples_keys.exists()
    assert any("examples.keys: is missing" in problem for problem in read_status(home.path).problems)


def test_a_record_that_is_gone_is_made_anew_beside_the_secrets(home: Home) -> None:
    _, secrets = provision(home)
    home.postgres.mkdir()
    home.record.unlink()

    record, found = provision(home)

    assert found == secrets
    assert Record.read(home) == record


@pytest.mark.parametrize("name", ["secrets.json", "deployment.json"])
@pytest.mark.parametrize("damage", ["gone", "half"])
def test_status_and_down_need_neither_record_nor_secrets(home: Home, name: str, damage: str) -> None:
    provision(home)
    path = home.path / name
    path.unlink() if damage == "gone" else path.write_text(path.read_text()[:30])

    found = read_status(home.path)

    assert not found.healthy
    assert found.stopped
    assert any(name in problem for problem in found.problems)
    assert stop(home.path, print) in (0, None)
