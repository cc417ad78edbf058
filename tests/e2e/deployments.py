"""Whole deployments on this machine, started the way a user starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from passing import wait_until
from pipeline.airflow_client.api import ENDED_RUN_STATES, AirflowApi
from pipeline.deployment.airflow_settings import ADMIN
from pipeline.deployment.condition import read_status
from pipeline.deployment.health import Status
from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_url
from pipeline.deployment.processes import end_processes, find_processes
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.variables import environment
from pipeline.errors import AirflowUnavailableError
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database

ROOT = Path(__file__).parents[2]
SESSIONS = (
    "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Deployment:
    """A deployment by its state folder, and what a test wants to know about it."""

    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user's shell that means this deployment, with none of the tests' own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PIPELINE"))}
        return {**kept, "PIPELINE_HOME": str(self.home)}

    def command(self, *args: str) -> list[str]:
        """The command line of `pipeline …`."""
        return [str(Path(sys.executable).with_name("pipeline")), *args]

    def run(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `pipeline …` from the repository's folder and return what it said."""
        return subprocess.run(
            self.command(*args),
            env=self.environ | environ,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1000,
            check=False,
        )

    @property
    def variables(self) -> dict[str, str]:
        """What `pipeline env` prints."""
        return environment(self.home)

    @property
    def models_db(self) -> Database:
        """Its models database."""
        return Connections.from_environment(self.variables).models_db

    @property
    def superuser_url(self) -> str:
        """The address of its server for PostgreSQL's superuser."""
        home = Home(self.home)
        return server_url(Record.read(home).postgres_port, Secrets.read(home).postgres_password)

    @property
    def base_url(self) -> str:
        """The address of Airflow's pages and REST API."""
        return Record.read(Home(self.home)).base_url

    @property
    def admin(self) -> tuple[str, str]:
        """The administrator's name and password."""
        return ADMIN, Secrets.read(Home(self.home)).admin_password

    @property
    def airflow(self) -> AirflowApi:
        """Airflow's REST API for the administrator."""
        return AirflowApi(self.base_url, *self.admin)

    def wait_for_end(self, run_id: str) -> str:
        """Return the state in which a run ends; that a busy server does not answer for a while is no end."""
        airflow, state = self.airflow, "unknown"

        def has_ended() -> bool:
            nonlocal state
            with suppress(AirflowUnavailableError):
                state = airflow.get_run_state(run_id)
            return state in ENDED_RUN_STATES

        wait_until(has_ended, lambda: f"{run_id} is still {state}", every=0.25)
        return state

    def status(self) -> Status:
        """What `pipeline status` says."""
        return read_status(self.home)

    def pids(self) -> dict[str, int | None]:
        """The process of each program."""
        return {program.name: program.pid for program in self.status().programs}

    def process_of(self, program: str) -> psutil.Process:
        """The process of a program that runs."""
        pid = self.pids()[program]
        assert pid is not None, f"{program} does not run"
        return psutil.Process(pid)

    def connected_roles(self) -> set[str]:
        """The roles of all who are connected to its server."""
        with psycopg.connect(self.superuser_url) as connection:
            return {name for (name,) in connection.execute(SESSIONS)}

    def processes(self) -> list[psutil.Process]:
        """Every process that belongs to the deployment."""
        home = Home(self.home)
        return find_processes(home, Record.read(home).id) if home.record.exists() else []


def start_deployment(home: Path) -> Deployment:
    """Start a deployment; a failure carries what `pipeline up` said."""
    started = Deployment(home)
    done = started.run("up")

    assert done.returncode == 0, done.stderr
    return started


@contextmanager
def guarded(home: Path) -> Iterator[Deployment]:
    """Stop a deployment after the block, and also when this process is killed: a guard waits for the end of its stdin.

    After Ctrl-C, pytest-xdist kills its workers before their fixtures can end anything.
    """
    found = Deployment(home)
    wait = "import os, sys; sys.stdin.read(); os.execv(sys.argv[1], sys.argv[1:])"
    guard = subprocess.Popen(
        [sys.executable, "-c", wait, *found.command("down")],
        env=found.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C does not reach it
    )
    try:
        yield found
    finally:
        found.run("down")
        end_processes(found.processes())
        guard.kill()
        guard.communicate()


def kill_supervisor(found: Deployment) -> list[psutil.Process]:
    """Kill supervisord and return what it has left running."""
    psutil.Process(int((found.home / "supervisord.pid").read_text())).send_signal(signal.SIGKILL)
    return found.processes()
