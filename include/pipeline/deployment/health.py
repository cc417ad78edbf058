"""What runs, and whether it does what it is there for."""

import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.airflow_api import AirflowApi
from pipeline.deployment.airflow_settings import ADMIN
from pipeline.deployment.home import Home
from pipeline.deployment.programs import POSTGRES, PROGRAMS, Program
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.supervision import ProgramState, Supervisor


@dataclass(frozen=True)
class ProgramStatus:
    """One line of `pipeline status`; health is `healthy`, `starting` or `down`, with supervisord's reason."""

    name: str
    state: str
    pid: int | None
    uptime_seconds: int | None
    health: str


@dataclass(frozen=True)
class Status:
    """A deployment, as seen from outside at one moment."""

    home: str
    ui: str
    postgres: str
    programs: tuple[ProgramStatus, ...]

    @property
    def healthy(self) -> bool:
        """Say whether every program does its work."""
        return all(program.health == "healthy" for program in self.programs)

    @property
    def stopped(self) -> bool:
        """Say whether no program runs."""
        return all(program.pid is None for program in self.programs)


def airflow_api(record: Record, secrets: Secrets) -> AirflowApi:
    """Return the deployment's API server, as its administrator."""
    return AirflowApi(record.base_url, ADMIN, secrets.admin_password)


def read_status(home: Path) -> Status:
    """Return the state of the deployment at `home`.

    Raises:
        DeploymentError: there is none.
    """
    place = Home(home)
    return observe(place, Record.read(place), Secrets.read(place))


def observe(home: Home, record: Record, secrets: Secrets) -> Status:
    """Return the state of a deployment whose record and secrets are at hand."""
    states = Supervisor.of(record, secrets).states() or {}
    api_runs = any(state.runs for name, state in states.items() if name != POSTGRES.name)
    health = airflow_api(record, secrets).health() if api_runs else None
    return Status(
        home=str(home.path),
        ui=record.base_url,
        postgres=f"127.0.0.1:{record.postgres_port}",
        programs=tuple(
            _describe(program, states.get(program.name), health, record.postgres_port) for program in PROGRAMS
        ),
    )


def _describe(
    program: Program, state: ProgramState | None, health: dict[str, Any] | None, postgres_port: int
) -> ProgramStatus:
    if state is None or not state.pid:
        return ProgramStatus(program.name, state.state if state else "STOPPED", None, None, "down")
    works = _answers(postgres_port) if program is POSTGRES else _is_healthy(program, state, health or {})
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
    # A heartbeat counts as healthy for half a minute after its sender has ended: one from before the start,
    # which supervisord knows to the second, is the predecessor's.
    beat = part.get(f"latest_{program.health}_heartbeat")
    return beat is None or datetime.fromisoformat(beat).timestamp() >= state.started + 1


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True
