"""`pipeline down`: stop everything, and leave no process behind whatever state it was in."""

import signal
from collections.abc import Callable
from pathlib import Path

from pipeline.deployment.home import Home
from pipeline.deployment.lock import hold_lock
from pipeline.deployment.processes import end_processes, find_processes, wait_for_end
from pipeline.deployment.programs import POSTGRES
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.supervision import Supervisor
from pipeline.errors import DeploymentError

_STOP_SECONDS = 75


def stop(home: Path, say: Callable[[str], None]) -> int:
    """Stop the deployment at `home`; return how many processes it had.

    Raises:
        DeploymentError: there is no deployment, or a process survives even SIGKILL.
    """
    place = Home(home)
    Record.read(place)
    with hold_lock(place.lock, say):
        record = Record.read(place)
        return stop_processes(place, record, Secrets.read(place))


def stop_processes(home: Home, record: Record, secrets: Secrets) -> int:
    """End every process of the deployment: in order through supervisord, what is left by its mark."""
    running = find_processes(home, record.id)
    if not running:
        return 0
    pid = Supervisor.of(record, secrets).stop_all()
    supervisor = [process for process in running if process.pid == pid]
    wait_for_end(supervisor, _STOP_SECONDS)  # while it stops things, it answers no more questions
    servers = find_processes(home, record.id, POSTGRES.name)
    others = [process for process in find_processes(home, record.id) if process not in servers]
    # Airflow loses nothing by a kill but the work in flight. The server is asked first: what it has not
    # written out, the next start would have to recover.
    end_processes(others)
    end_processes(servers, ask=signal.SIGINT)
    left = find_processes(home, record.id)
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise DeploymentError(str(home.path), f"processes {pids} do not end", next_step="look at them with `ps`")
    home.session.unlink(missing_ok=True)
    return len(running)
