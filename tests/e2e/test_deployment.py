"""Starting, stopping and surviving, with real processes.

The tests of the spare deployment tell one story and run in the order written: it is started twice at once,
killed in parts, killed whole, and stopped.
"""

import json
import shlex
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from e2e.deployments import Deployment, kill_supervisor
from passing import wait_until
from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.processes import end_processes, has_ended
from pipeline.deployment.roles import ROLES

pytestmark = pytest.mark.e2e

SECRET_FILES = ("secrets.json", "examples.keys", "users.json", "airflow/passwords.json")
OF_ROLES = {f"{role}_password" for role in ROLES}
SESSIONS = (
    "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
NO_SUPERUSERS = (
    "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb"
)


def pids(found: Deployment) -> dict[str, int | None]:
    return {program.name: program.pid for program in found.status().programs}


def process_of(found: Deployment, program: str) -> psutil.Process:
    pid = pids(found)[program]
    assert pid is not None, f"{program} does not run"
    return psutil.Process(pid)


def wait_until_replaced(found: Deployment, program: str, old: psutil.Process) -> None:
    """Return once another process has a killed one's place, and the others, which may die of it too, go on."""
    ended, airflow = datetime.now(UTC), AirflowApi(found.base_url, *found.admin)

    def is_replaced() -> bool:
        status = found.status()  # one moment's view: between two, the old one may end
        new = next(part for part in status.programs if part.name == program)
        health = airflow.health() or {}
        beats = [health.get(name, {}).get(f"latest_{name}_heartbeat") for name in ("scheduler", "dag_processor")]
        return (
            status.healthy
            and new.pid != old.pid
            and all(beat and datetime.fromisoformat(beat) > ended for beat in beats)
        )

    wait_until(is_replaced, lambda: f"no healthy new {program}")


def read_secrets(found: Deployment) -> dict[str, bytes]:
    return {name: (found.home / name).read_bytes() for name in SECRET_FILES}


def test_up_again_changes_nothing_and_says_where_everything_is(deployment: Deployment) -> None:
    before = pids(deployment)

    done = deployment.run("up")

    assert done.returncode == 0, done.stderr
    assert pids(deployment) == before
    assert deployment.base_url in done.stdout
    assert str(deployment.home) in done.stdout
    assert deployment.admin[1] not in done.stdout  # only a terminal is told the password


def test_status_is_zero_only_when_all_is_healthy(deployment: Deployment) -> None:
    done = deployment.run("status", "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["healthy"] is True
    assert {program["name"] for program in found["programs"]} == {
        "postgres",
        "execution-api",
        "api-server",
        "scheduler",
        "dag-processor",
        "service",
    }


def test_every_listening_address_is_local(deployment: Deployment) -> None:
    listening = [
        connection.laddr.ip
        for process in deployment.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert set(listening) == {"127.0.0.1"}


def test_nobody_else_can_read_anything(deployment: Deployment) -> None:
    paths = [deployment.home, *deployment.home.rglob("*")]
    open_paths = [str(path) for path in paths if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()]

    assert open_paths == []


def test_the_environment_can_be_evaluated_by_a_shell(deployment: Deployment) -> None:
    printed = deployment.run("env").stdout
    script = f'{printed}\nprintf %s "$AIRFLOW_CONN_MODELS_DB"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={})

    assert done.stdout == deployment.variables["AIRFLOW_CONN_MODELS_DB"]
    assert all(shlex.split(line)[0] == "export" for line in printed.splitlines())


def test_airflow_commands_reach_the_deployment(deployment: Deployment) -> None:
    done = deployment.run("airflow", "pools", "list", "--output", "json")

    pools = {pool["pool"] for pool in json.loads(done.stdout[done.stdout.index("[") :])}
    assert {"training", "default_pool"} <= pools


def log_in(deployment: Deployment, name: str, password: str) -> httpx.Response:
    body = {"username": name, "password": password}
    return httpx.post(f"{deployment.base_url}/auth/token", json=body, timeout=90, trust_env=False)


def may_read(deployment: Deployment, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{deployment.base_url}/api/v2/dags"
    return httpx.get(url, headers=headers, timeout=90, trust_env=False).status_code == 200


def test_a_user_is_added_and_removed_without_a_restart(deployment: Deployment) -> None:
    before = pids(deployment)

    added = deployment.run("users", "add", "anna", "--role", "viewer")
    password = json.loads((deployment.home / "airflow/passwords.json").read_text())["anna"]
    token = log_in(deployment, "anna", password).json()["access_token"]
    could_read = may_read(deployment, token)
    listed = {user["name"]: user["role"] for user in json.loads(deployment.run("users", "list", "--json").stdout)}
    removed = deployment.run("users", "remove", "anna")

    assert (added.returncode, removed.returncode) == (0, 0), added.stderr + removed.stderr
    assert password not in added.stdout  # only a terminal is told the password
    assert could_read
    assert listed | {"anna": "viewer", "admin": "admin"} == listed
    assert not may_read(deployment, token)
    assert log_in(deployment, "anna", password).status_code == 401
    assert pids(deployment) == before


def test_wrong_passwords_are_slowed_down_and_the_administrator_is_not(deployment: Deployment) -> None:
    assert log_in(deployment, *deployment.admin).status_code == 201

    answers = [log_in(deployment, "nobody", f"guess {number}") for number in range(8)]

    assert {answer.status_code for answer in answers[:5]} == {401}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert log_in(deployment, *deployment.admin).status_code == 201


def test_no_component_connects_as_the_superuser(deployment: Deployment) -> None:
    with psycopg.connect(deployment.superuser_url) as connection:
        used = {name for (name,) in connection.execute(SESSIONS)}
        harmless = connection.execute(NO_SUPERUSERS).fetchone()

    assert "airflow" in used
    assert used <= {*ROLES}
    assert harmless == (len(ROLES),)


def test_the_api_server_has_the_registrys_role_and_no_keys(deployment: Deployment) -> None:
    server, scheduler = (process_of(deployment, name).environ() for name in ("api-server", "scheduler"))

    assert server["AIRFLOW_CONN_REGISTRY_DB"].startswith("postgresql://registry:")
    assert not {"AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_MODELS_DB", "PIPELINE_EXAMPLES_KEYS_FILE"} & {*server}
    assert scheduler["AIRFLOW_CONN_MODELS_DB"].startswith("postgresql://tasks:")
    assert "AIRFLOW_CONN_REGISTRY_DB" not in scheduler


def test_two_starts_at_once_beside_a_running_deployment(deployment: Deployment, spare_deployment: Deployment) -> None:
    before = pids(deployment)
    starts = [
        subprocess.Popen(
            spare_deployment.command("up"),
            env=spare_deployment.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        said = [start.communicate(timeout=500)[0] for start in starts]
    finally:  # also after Ctrl-C: what goes on starting would outlive the fixture that stops the deployment
        for start in starts:
            start.kill()
            start.wait()

    assert [start.returncode for start in starts] == [0, 0], said
    assert spare_deployment.status().healthy
    assert spare_deployment.base_url != deployment.base_url
    assert pids(deployment) == before


def test_a_killed_scheduler_is_replaced_and_its_workers_end(spare_deployment: Deployment) -> None:
    scheduler = process_of(spare_deployment, "scheduler")
    workers = scheduler.children(recursive=True)
    scheduler.kill()

    wait_until_replaced(spare_deployment, "scheduler", scheduler)

    assert workers
    assert all(has_ended(worker) for worker in workers)


def test_a_killed_server_is_replaced(spare_deployment: Deployment) -> None:
    server = process_of(spare_deployment, "postgres")
    server.kill()

    wait_until_replaced(spare_deployment, "postgres", server)

    assert has_ended(server)


def test_programs_that_a_killed_supervisor_left_are_told_and_up_starts_everything_anew(
    spare_deployment: Deployment,
) -> None:
    assert spare_deployment.run("up").returncode == 0  # what a test before has killed runs again
    url, secrets = spare_deployment.base_url, read_secrets(spare_deployment)
    left = kill_supervisor(spare_deployment)
    status = spare_deployment.run("status")
    done = spare_deployment.run("up")

    assert left
    assert status.returncode == 1
    assert status.stdout.count("RUNS") == 6
    assert "programs that it started are still running" in status.stderr
    assert done.returncode == 0, done.stderr
    assert spare_deployment.base_url == url
    assert read_secrets(spare_deployment) == secrets
    assert all(has_ended(process) for process in left)


@pytest.mark.parametrize(
    ("name", "content"),
    [("secrets.json", None), ("secrets.json", "{"), ("deployment.json", None), ("deployment.json", '{"format": 1}')],
)
def test_status_and_down_need_no_file_to_be_whole(
    spare_deployment: Deployment, deployment: Deployment, name: str, content: str | None
) -> None:
    assert spare_deployment.run("up").returncode == 0
    path, running = spare_deployment.home / name, spare_deployment.processes()
    kept = path.read_text()
    if content is None:
        path.unlink()
    else:
        path.write_text(content)

    status = spare_deployment.run("status")
    done = spare_deployment.run("down")
    path.write_text(kept)
    path.chmod(0o600)

    assert status.returncode == 1
    assert "STOPPED" not in status.stdout  # all of it runs
    assert f"{name}: " in status.stderr
    assert "Traceback" not in status.stderr + done.stderr
    assert done.returncode == 0, done.stderr
    assert running
    assert all(has_ended(process) for process in running)
    assert deployment.status().healthy


def test_secrets_that_others_can_read_are_told_and_refused(spare_deployment: Deployment) -> None:
    path = spare_deployment.home / "secrets.json"
    path.chmod(0o644)
    said = [spare_deployment.run(command) for command in ("up", "status")]
    path.chmod(0o600)

    for done in said:
        assert done.returncode == 1
        assert "has mode 0644, so others can read its secrets" in done.stderr
        assert "chmod 600" in done.stderr


def test_up_without_the_key_file_of_the_examples_does_not_say_up(spare_deployment: Deployment) -> None:
    assert spare_deployment.run("up").returncode == 0
    assert spare_deployment.run("examples", "demo").returncode == 0
    path = spare_deployment.home / "examples.keys"
    kept = path.read_bytes()
    path.unlink()

    done = spare_deployment.run("up")
    made_anew = path.exists()
    path.write_bytes(kept)
    path.chmod(0o600)

    assert done.returncode == 1
    assert "200 examples are encrypted with its keys" in done.stderr
    assert "Up" not in done.stdout
    assert not made_anew
    assert spare_deployment.run("up").returncode == 0


def test_up_after_everything_was_killed_keeps_secrets_and_data(spare_deployment: Deployment) -> None:
    secrets = read_secrets(spare_deployment)
    key = "marked-variable"
    stored = spare_deployment.run("airflow", "variables", "set", key, "kept")
    assert stored.returncode == 0, stored.stderr
    end_processes(spare_deployment.processes())
    assert spare_deployment.processes() == []

    done = spare_deployment.run("up")

    assert done.returncode == 0, done.stderr
    assert spare_deployment.status().healthy
    assert read_secrets(spare_deployment) == secrets
    assert "kept" in spare_deployment.run("airflow", "variables", "get", key).stdout


def test_what_an_earlier_version_left_running_gets_roles_and_is_restarted(spare_deployment: Deployment) -> None:
    path, before = spare_deployment.home / "secrets.json", pids(spare_deployment)
    for database in ("airflow", "examples", "models", "notifications"):
        with psycopg.connect(spare_deployment.superuser_url, dbname=database) as connection:
            connection.execute("REASSIGN OWNED BY owner, airflow TO CURRENT_USER")
    earlier = {name: word for name, word in json.loads(path.read_text()).items() if name not in OF_ROLES}
    path.write_text(json.dumps(earlier))
    (spare_deployment.home / "users.json").unlink()

    refused = spare_deployment.run("models", "list")
    done = spare_deployment.run("up")

    assert refused.returncode == 1
    assert "is of an earlier version" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert "An earlier version was running" in done.stderr
    assert spare_deployment.status().healthy
    assert not {*before.values()} & {*pids(spare_deployment).values()}
    assert json.loads(path.read_text()).items() > earlier.items()
    assert spare_deployment.run("models", "list").returncode == 0
    with psycopg.connect(spare_deployment.superuser_url) as connection:
        assert {name for (name,) in connection.execute(SESSIONS)} <= {*ROLES}


def test_down_leaves_no_process_and_no_other_deployment_notices(
    deployment: Deployment, spare_deployment: Deployment
) -> None:
    done = spare_deployment.run("down")

    assert done.returncode == 0, done.stderr
    assert spare_deployment.processes() == []
    assert deployment.status().healthy


def test_down_again_says_that_nothing_ran(spare_deployment: Deployment) -> None:
    done = spare_deployment.run("down")

    assert (done.returncode, done.stdout) == (0, "Down: nothing was running.\n")


def test_a_server_that_does_not_start_is_reported_at_once_and_mended_by_the_next_up(
    spare_deployment: Deployment,
) -> None:
    settings = spare_deployment.home / "postgres" / "postgresql.conf"
    before = settings.read_text()
    settings.write_text(f"{before}\nno_such_setting = 1\n")
    failed = spare_deployment.run("up")
    settings.write_text(before)

    assert failed.returncode == 1
    assert "does not start" in failed.stderr
    assert "no_such_setting" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert spare_deployment.run("up").returncode == 0


@pytest.mark.parametrize("command", ["status", "down", "env"])
def test_a_place_without_a_deployment_gets_a_sentence(tmp_path: Path, command: str) -> None:
    done = Deployment(tmp_path / "none").run(command)

    assert done.returncode == (0 if command == "down" else 1)
    assert "no deployment" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
