"""Finds and ends the processes of one deployment, and of no other, by the id in their environment.

If the record with the id is missing, or the id is from an earlier record in the same folder, they are recognised by the
folder for which they were started and in which they work.

Two kinds of process hide their environment. A PostgreSQL process overwrites it with its title; it is recognised by its
working folder. A worker that has run a task lets only root read it, to protect the task's token; it is recognised by
its title and by being in supervisord's session.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from pipeline.deployment.home import Home
from pipeline.environment import Deployment

_ASK_SECONDS = 10
_SUPERVISOR = "supervisor.supervisord"
_WORKER_TITLE = "airflow worker"
_KILL_SECONDS = 10


def find_processes(home: Home, deployment_id: str | None, program: str | None = None) -> list[psutil.Process]:
    """Return the deployment's processes, including forked ones, without the caller and its parents.

    Args:
        home: its state folder.
        deployment_id: the id of the deployment's record, if that can be read.
        program: only the processes of this program.
    """
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in own and _belongs(process, home, deployment_id, program)
    ]


def end_processes(
    processes: list[psutil.Process], ask: signal.Signals | None = None, seconds: float | None = None
) -> None:
    """Kill processes. With a signal to `ask` them with, kill only those that have not ended after `seconds`."""
    if ask is not None:
        _signal(processes, ask)
        wait_for_end(processes, _ASK_SECONDS if seconds is None else seconds)
    _signal(processes, signal.SIGKILL)
    wait_for_end(processes, _KILL_SECONDS)


def remove_stale_lock(data: Path) -> None:
    """Remove the server's lock file if the process that it names is dead, or is not a server.

    The server only sees that the number is taken: by a killed predecessor whose parent has not noticed yet, or
    by another program after a reboot.
    """
    lock = data / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(lock.read_text().splitlines()[0]))
        if has_ended(process) or process.name() != "postgres":
            lock.unlink()


def wait_for_end(processes: list[psutil.Process], seconds: float) -> None:
    """Return once all processes have ended, or when the time is up."""
    deadline = time.monotonic() + seconds
    while not all(map(has_ended, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)


def has_ended(process: psutil.Process) -> bool:
    """Return whether a process has ended, or only waits for its parent, which in some containers never notices."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def is_supervisor(process: psutil.Process) -> bool:
    """Return whether a process is supervisord, which ends the programs that it started before it ends itself."""
    with suppress(psutil.Error, OSError):
        return _SUPERVISOR in process.cmdline()
    return False


def _belongs(process: psutil.Process, home: Home, deployment_id: str | None, program: str | None) -> bool:
    try:
        mark = Deployment.read(process.environ())
    except psutil.AccessDenied:
        return program in (None, "scheduler") and _is_worker(process, home)
    except (psutil.Error, OSError):  # it has just ended
        return False
    if mark.id and (mark.id == deployment_id or _is_of(process, mark, home)):
        return program in (None, mark.program)
    try:
        is_server = process.name() == "postgres" and program in (None, "postgres")
        return is_server and Path(process.cwd()) == home.postgres.resolve()
    except (psutil.Error, OSError):  # it has just ended, or belongs to another user
        return False


def _is_of(process: psutil.Process, mark: Deployment, home: Home) -> bool:
    """Return whether a process was started for this state folder and still works in it."""
    try:
        path = home.path.resolve()
        return Path(mark.home or "").resolve() == path and Path(process.cwd()) == path
    except (psutil.Error, OSError):  # it has just ended, or belongs to another user
        return False


def _is_worker(process: psutil.Process, home: Home) -> bool:
    try:
        session = int(home.session.read_text())
        return os.getsid(process.pid) == session and process.cmdline()[0].startswith(_WORKER_TITLE)
    except (psutil.Error, OSError, ValueError, IndexError):  # nothing was started here, or it has just ended
        return False
