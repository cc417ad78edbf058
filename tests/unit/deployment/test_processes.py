"""Finding and ending processes by their mark."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.deployment.home import Home
from pipeline.deployment.processes import end_processes, find_processes, remove_stale_lock
from pipeline.deployment.stop import stop

# A child of its own session, as daemons are, and deaf to everything that can be ignored.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
os.write(1, b"ready\\n")
time.sleep(600)
"""


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[str]:
    """The id of a deployment that has two processes."""
    mark = str(uuid.uuid4())
    environ = {**os.environ, "PIPELINE_DEPLOYMENT_ID": mark, "PIPELINE_PROGRAM": "scheduler"}
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "ready\n"]
        yield mark
    finally:
        end_processes(find_processes(Home(tmp_path), mark))
        process.communicate()


def test_forked_processes_are_found_too(marked: str, tmp_path: Path) -> None:
    assert len(find_processes(Home(tmp_path), marked)) == 2


def test_a_program_is_told_from_others(marked: str, tmp_path: Path) -> None:
    assert len(find_processes(Home(tmp_path), marked, "scheduler")) == 2
    assert find_processes(Home(tmp_path), marked, "api-server") == []


def test_another_deployment_is_left_alone(marked: str, tmp_path: Path) -> None:
    assert find_processes(Home(tmp_path), marked[::-1]) == []


def test_the_caller_is_never_among_them(tmp_path: Path) -> None:
    # in a process of its own: a title that another test gave to this one has overwritten what its environment was
    script = (
        "import os, sys; from pathlib import Path; from pipeline.deployment.home import Home; "
        "from pipeline.deployment.processes import find_processes; "
        "found = {each.pid for each in find_processes(Home(Path(sys.argv[1])), 'mine')}; "
        "assert not found & {os.getpid(), os.getppid()}, found; print(len(found))"
    )
    environ = {**os.environ, "PIPELINE_DEPLOYMENT_ID": "mine"}
    beside = subprocess.Popen([sys.executable, "-c", "input()"], env=environ, stdin=subprocess.PIPE)
    try:
        command = [sys.executable, "-c", script, str(tmp_path)]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    finally:
        beside.kill()
        beside.communicate()

    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


@pytest.mark.parametrize(
    ("title", "session", "found"),
    [
        ("airflow worker -- 01a2", "own", True),
        ("airflow worker -- 01a2", "another", False),
        ("airflow worker -- 01a2", "none", False),
        ("ssh-agent", "own", False),
    ],
)
def test_a_worker_that_hides_its_environment_is_known_by_title_and_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, title: str, session: str, found: bool
) -> None:
    def refuse(process: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied(process.pid)

    command = [title, "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(command, executable=sys.executable, start_new_session=True)
    process = psutil.Process(child.pid)
    try:
        if session != "none":
            number = process.pid if session == "own" else os.getsid(0)
            Home(tmp_path).session.write_text(f"{number}\n")
        monkeypatch.setattr(psutil.Process, "environ", refuse)

        # tests that run beside this one may have workers of their own in the same session
        assert (process in find_processes(Home(tmp_path), "some id")) == found
        assert (process in find_processes(Home(tmp_path), "some id", "scheduler")) == found
        assert process not in find_processes(Home(tmp_path), "some id", "api-server")
    finally:
        child.kill()
        child.wait()


def test_without_a_record_they_are_known_by_the_folder_they_were_started_for(tmp_path: Path) -> None:
    """The folder has an id that nobody knows any more; who works elsewhere, or was not started by us, is not ours."""
    mark = {"PIPELINE_DEPLOYMENT_ID": "lost", "PIPELINE_HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    started = [
        subprocess.Popen(command, env=os.environ | environ, cwd=cwd)
        for environ, cwd in (
            (mark, tmp_path / "home"),
            (mark, tmp_path),
            ({"PIPELINE_HOME": str(tmp_path / "home")}, tmp_path / "home"),
            (mark | {"PIPELINE_HOME": str(tmp_path)}, tmp_path / "home"),
        )
    ]
    try:
        deadline = time.monotonic() + 30
        while not all(psutil.Process(process.pid).cmdline() == command for process in started):
            assert time.monotonic() < deadline  # each has its parent's environment until it has begun
            time.sleep(0.02)
        home = Home(tmp_path / "home")
        assert [process.pid for process in find_processes(home, None)] == [started[0].pid]
        assert stop(home.path, print) == 1
        assert [process.poll() is None for process in started] == [False, True, True, True]
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_who_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, marked: str, tmp_path: Path) -> None:
    monkeypatch.setattr("pipeline.deployment.processes._ASK_SECONDS", 0.1)
    end_processes(find_processes(Home(tmp_path), marked), ask=signal.SIGINT)

    assert find_processes(Home(tmp_path), marked) == []


def test_a_lock_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{process.pid}\n/data\n")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and its number still taken
    remove_stale_lock(tmp_path)
    process.wait()

    assert not lock.exists()


def test_a_lock_of_another_program_is_removed(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n/data\n")
    remove_stale_lock(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()


@pytest.mark.parametrize("text", ["", "not a number\n"])
def test_a_lock_that_says_nothing_is_left_to_the_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    remove_stale_lock(tmp_path)

    assert (tmp_path / "postmaster.pid").exists()
