"""Starting, dying and stopping, with real processes.

The tests tell one story and run in the order written: a deployment is started twice at once, killed in parts, killed
whole, and stopped.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from e2e.deployments import Deployment, kill_supervisor
from passing import wait_until
from pipeline.deployment.processes import end_processes, has_ended
from pipeline.deployment.roles import ROLES

pytestmark = pytest.mark.e2e

SECRET_FILES = ("secrets.json", "examples.keys", "users.json", "airflow/passwords.json")
OF_ROLES = {f"{role}_password" for role in ROLES}


def wait_until_replaced(found: Deployment, program: str, old: psutil.Process) -> None:
    """Return once another process has a killed one's place, and the others, which may die of it too, go on."""
    ended, airflow = datetime.now(UTC), found.airflow

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


@contextmanager
def damaged(path: Path, content: str | None) -> Iterator[None]:
    """Let a file have other content, or be missing if that is None, while the block runs."""
    kept, mode = path.read_bytes(), path.stat().st_mode
    path.unlink()
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    try:
        yield
    finally:
        path.write_bytes(kept)
        path.chmod(mode)


def test_two_starts_at_once_beside_a_running_deployment(deployment: Deployment, spare_deployment: Deployment) -> None:
    before = deployment.pids()
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
        said = [start.communicate(timeout=1000)[0] for start in starts]
    finally:  # also after Ctrl-C: what goes on starting would outlive the fixture that stops the deployment
        for start in starts:
            start.kill()
            start.wait()

    assert [start.returncode for start in starts] == [0, 0], said
    assert spare_deployment.status().healthy
    assert spare_deployment.base_url != deployment.base_url
    assert deployment.pids() == before


def test_programs_that_a_killed_supervisor_left_are_told_and_up_starts_everything_anew(
    spare_deployment: Deployment,
) -> None:
    url, secrets = spare_deployment.base_url, read_secrets(spare_deployment)
    left = kill_supervisor(spare_deployment)
    status = spare_deployment.run("status")
    # the others lost with supervisord the pipe that they log to, and may end with the next line; none begins again
    still = [program.name for program in spare_deployment.status().programs if program.pid]
    done = spare_deployment.run("up")

    assert left
    assert status.returncode == 1
    assert "postgres" in still
    assert {*still} <= {*re.findall(r"^ *(\S+) +RUNS", status.stdout, re.MULTILINE)}, status.stdout
    assert "programs that it started are still running" in status.stderr
    assert done.returncode == 0, done.stderr
    assert spare_deployment.base_url == url
    assert read_secrets(spare_deployment) == secrets
    assert all(has_ended(process) for process in left)


@pytest.mark.parametrize(
    ("name", "content"),
    [("secrets.json", None), ("secrets.json", "{"), ("deployment.json", None), ("deployment.json", '{"format": 1}')],
)
def test_status_needs_no_file_to_be_whole(spare_deployment: Deployment, name: str, content: str | None) -> None:
    with damaged(spare_deployment.home / name, content):
        status = spare_deployment.run("status")

    assert status.returncode == 1
    assert "STOPPED" not in status.stdout  # all of it runs
    assert f"{name}: " in status.stderr
    assert "Traceback" not in status.stderr


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
    assert spare_deployment.run("examples", "demo").returncode == 0
    path = spare_deployment.home / "examples.keys"
    with damaged(path, None):
        done = spare_deployment.run("up")
        made_anew = path.exists()

    assert done.returncode == 1
    assert "200 examples are encrypted with its keys" in done.stderr
    assert "Up" not in done.stdout
    assert not made_anew
    assert spare_deployment.run("up").returncode == 0


def test_a_killed_scheduler_is_replaced_and_its_workers_end(spare_deployment: Deployment) -> None:
    scheduler = spare_deployment.process_of("scheduler")
    workers = scheduler.children(recursive=True)
    scheduler.kill()

    wait_until_replaced(spare_deployment, "scheduler", scheduler)

    assert workers
    assert all(has_ended(worker) for worker in workers)


def test_a_killed_server_is_replaced(spare_deployment: Deployment) -> None:
    server = spare_deployment.process_of("postgres")
    server.kill()

    wait_until_replaced(spare_deployment, "postgres", server)

    assert has_ended(server)


def test_up_after_everything_was_killed_keeps_secrets_and_data(spare_deployment: Deployment) -> None:
    secrets = read_secrets(spare_deployment)
    key = "marked-variable"
    stored = spare_deployment.run("airflow", "variables", "set", key, "kept")
    assert stored.returncode == 0, stored.stderr
    # one of them may have started another one just before it ended
    while processes := spare_deployment.processes():
        end_processes(processes)

    done = spare_deployment.run("up")

    assert done.returncode == 0, done.stderr
    assert spare_deployment.status().healthy
    assert read_secrets(spare_deployment) == secrets
    assert "kept" in spare_deployment.run("airflow", "variables", "get", key).stdout


def test_what_an_earlier_version_left_running_gets_roles_and_is_restarted(spare_deployment: Deployment) -> None:
    path, before = spare_deployment.home / "secrets.json", spare_deployment.pids()
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
    assert not {*before.values()} & {*spare_deployment.pids().values()}
    assert json.loads(path.read_text()).items() > earlier.items()
    assert spare_deployment.run("models", "list").returncode == 0
    assert spare_deployment.connected_roles() <= {*ROLES}


def test_down_leaves_no_process_and_no_other_deployment_notices(
    deployment: Deployment, spare_deployment: Deployment
) -> None:
    done = spare_deployment.run("down")

    assert done.returncode == 0, done.stderr
    assert spare_deployment.processes() == []
    assert deployment.status().healthy


def test_a_server_that_does_not_start_is_reported_at_once_and_mended_by_the_next_up(
    spare_deployment: Deployment,
) -> None:
    settings = spare_deployment.home / "postgres" / "postgresql.conf"
    with damaged(settings, f"{settings.read_text()}\nno_such_setting = 1\n"):
        failed = spare_deployment.run("up")

    assert failed.returncode == 1
    assert "does not start" in failed.stderr
    assert "no_such_setting" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert spare_deployment.run("up").returncode == 0


@pytest.mark.parametrize("content", [None, '{"format": 1}'])
def test_down_needs_no_readable_record(spare_deployment: Deployment, content: str | None) -> None:
    assert spare_deployment.run("up").returncode == 0
    running = spare_deployment.processes()
    with damaged(spare_deployment.home / "deployment.json", content):
        done = spare_deployment.run("down")

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert running
    assert all(has_ended(process) for process in running)


def test_down_again_says_that_nothing_ran(spare_deployment: Deployment) -> None:
    done = spare_deployment.run("down")

    assert (done.returncode, done.stdout) == (0, "Down: nothing was running.\n")
