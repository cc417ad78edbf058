"""Which programs run, and whether they work."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psutil

from pipeline.airflow_client.api import AirflowApi, serves_tasks
from pipeline.deployment.airflow_settings import ADMIN
from pipeline.deployment.home import Home
from pipeline.deployment.processes import find_processes
from pipeline.deployment.programs import EXECUTION_API, POSTGRES, PROGRAMS, SERVICE, Program
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.supervision import ProgramState, Supervisor

_RUNS = "RUNS"


@dataclass(frozen=True)
class ProgramStatus:
    """One line of `pipeline status`.

    Attributes:
        state: supervisord's word for it; `RUNS` if it runs but supervisord has ended or does not answer.
        health: `healthy`, `starting` or `down`; `unknown` if it runs but cannot be asked.
    """

    name: str
    state: str
    pid: int | None
    uptime_seconds: int | None
    health: str


@dataclass(frozen=True)
class Status:
    """A deployment as observed at one moment.

    Attributes:
        ui, execution_api, postgres, queue: addresses; None if the record with the ports cannot be read. That of the
            notification queue is without its login.
        service: the `url` of the classification service, and the `models` that it serves, None if it does not answer.
        problems: sentences about what is wrong, apart from programs that do not run.
    """

    home: str
    ui: str | None
    execution_api: str | None
    postgres: str | None
    queue: str | None
    service: dict[str, Any] | None
    programs: tuple[ProgramStatus, ...]
    problems: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether every program works and nothing else is wrong."""
        return not self.problems and all(program.health == "healthy" for program in self.programs)

    @property
    def stopped(self) -> bool:
        """Whether no program runs."""
        return all(program.pid is None for program in self.programs)


def airflow_api(record: Record, secrets: Secrets) -> AirflowApi:
    """Return the deployment's API server, with the administrator's login."""
    return AirflowApi(record.base_url, ADMIN, secrets.admin_password)


def observe(home: Home, record: Record | None, secrets: Secrets | None) -> Status:
    """Return the state of a deployment; without its record or its secrets, only which programs run."""
    states = Supervisor.of(record, secrets).states() if record and secrets else None
    served = None
    if states is None:
        programs = tuple(_find_unsupervised(program, home, record) for program in PROGRAMS)
    else:
        assert record is not None  # noqa: S101 - the port is from the record
        assert secrets is not None  # noqa: S101
        airflow_runs = any(state.runs for name, state in states.items() if name != POSTGRES.name)
        health = airflow_api(record, secrets).health() if airflow_runs else None
        served = list_served(record, secrets)
        programs = tuple(_describe(program, states.get(program.name), health, record, served) for program in PROGRAMS)
    postgres = f"127.0.0.1:{record.postgres_port}" if record else None
    return Status(
        home=str(home.path),
        ui=record.base_url if record else None,
        execution_api=record.execution_url if record else None,
        postgres=postgres,
        queue=f"postgresql://{postgres}/notifications" if postgres else None,
        service={"url": record.service_url, "models": served} if record else None,
        programs=programs,
    )


def _find_unsupervised(program: Program, home: Home, record: Record | None) -> ProgramStatus:
    """Return the state of a program if supervisord has ended or does not answer: only whether it runs."""
    found = find_processes(home, record.id if record else None, program.name)
    with suppress(psutil.Error, ValueError):  # no such process, or it has just ended
        first = min(found, key=lambda process: (process.create_time(), process.pid))
        return ProgramStatus(program.name, _RUNS, first.pid, int(time.time() - first.create_time()), "unknown")
    return ProgramStatus(program.name, "STOPPED", None, None, "down")


def list_served(record: Record, secrets: Secrets) -> list[dict[str, Any]] | None:
    """Return what the classification service serves, as its `/v1/models` shows it; None if it does not answer."""
    headers = {"Authorization": f"Bearer {secrets.service_token}"}
    try:
        answer = httpx.get(f"{record.service_url}/v1/models", headers=headers, timeout=5, trust_env=False)
        found = answer.json()
    except (httpx.TransportError, ValueError):  # nothing answers, or another program does
        return None
    return found if answer.is_success and isinstance(found, list) else None


def _describe(
    program: Program,
    state: ProgramState | None,
    health: dict[str, Any] | None,
    record: Record,
    served: list[dict[str, Any]] | None,
) -> ProgramStatus:
    if state is None or not state.pid:
        return ProgramStatus(program.name, state.state if state else "STOPPED", None, None, "down")
    if program is POSTGRES:
        works = _answers(record.postgres_port)
    elif program is EXECUTION_API:
        works = serves_tasks(record.execution_url)
    elif program is SERVICE:
        works = served is not None
    else:
        works = _is_healthy(program, state, health or {})
    return ProgramStatus(
        program.name,
        state.state,
        state.pid,
        max(0, int(time.time()) - state.started),
        "healthy" if works and state.runs else "starting",
    )


def _is_healthy(program: Program, state: ProgramState, health: dict[str, Any]) -> bool:
    part = health.get(program.health, {})
    if part.get("status") != "healthy":
        return False
    # A heartbeat counts as healthy for half a minute after its sender has ended. If it is older than the start,
    # whose second supervisord knows, it is from the predecessor.
    beat = part.get(f"latest_{program.health}_heartbeat")
    return beat is None or datetime.fromisoformat(beat).timestamp() >= state.started + 1


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True
