"""`pipeline down`: stop everything and leave no process behind, whatever state the deployment is in."""

import signal
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

from pipeline.deployment.home import Home
from pipeline.deployment.lock import hold_lock
from pipeline.deployment.processes import end_processes, find_processes, is_supervisor
from pipeline.deployment.programs import POSTGRES
from pipeline.deployment.record import Record
from pipeline.errors import DeploymentError

_STOP_SECONDS = 75


def stop(path: Path, say: Callable[[str], None]) -> int | None:
    """Stop the deployment at `path`; return how many processes it had, or None if there is no deployment.

    It needs neither the record nor the secrets: both may be damaged or missing.

    Raises:
        DeploymentError: a process survives even SIGKILL.
    """
    home = Home(path)
    if not home.record.exists() and not find_processes(home, None):
        return None
    with hold_lock(home.lock, say) if home.path.is_dir() else nullcontext():
        return stop_processes(home, read_id(home))


def read_id(home: Home) -> str | None:
    """Return the id in the deployment's record, or None if there is no readable record."""
    with suppress(DeploymentError):
        return Record.read(home).id
    return None


def stop_processes(home: Home, deployment_id: str | None) -> int:
    """End every process of the deployment: in order through supervisord, and the rest by their mark."""
    running = find_processes(home, deployment_id)
    if not running:
        return 0
    supervisors = [process for process in running if is_supervisor(process)]
    # it stops every program, the last one first, and then ends
    end_processes(supervisors, ask=signal.SIGTERM, seconds=_STOP_SECONDS)
    servers = find_processes(home, deployment_id, POSTGRES.name)
    others = [process for process in find_processes(home, deployment_id) if process not in servers]
    # If Airflow is killed, only the work in flight is lost. The server is asked to end first: the next start would have
    # to recover what it has not written.
    end_processes(others)
    end_processes(servers, ask=signal.SIGINT)
    left = find_processes(home, deployment_id)
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise DeploymentError(str(home.path), f"processes {pids} do not end", next_step="look at them with `ps`")
    with suppress(OSError):  # the disk is read-only
        home.session.unlink(missing_ok=True)
    return len(running)
