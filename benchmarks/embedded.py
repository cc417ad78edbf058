"""A deployment for one benchmark: `pipeline up` in a temporary folder, and what its programs use."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from pipeline.airflow_client.api import ENDED_RUN_STATES, AirflowApi
from pipeline.deployment.home import Home
from pipeline.deployment.processes import find_processes
from pipeline.deployment.programs import PROGRAMS, SCHEDULER
from pipeline.deployment.record import Record
from pipeline.deployment.variables import environment
from pipeline.errors import AirflowUnavailableError
from pipeline.runs.connections import Connections
from pipeline.stores.models.ledger import Ledger

TASKS = "tasks"
_MORE_ATTEMPTS = 2
_POLL_SECONDS = 1.0
_LAST_PUBLISHED = """
SELECT max(published_at) FROM notifications JOIN models USING (model_id) WHERE run_id = %(run_id)s
"""


@dataclass(frozen=True)
class Embedded:
    """A running deployment, by its state folder."""

    home: Home
    environ: Mapping[str, str]
    """The environment of its commands, without variables of the caller's own deployment."""

    @property
    def variables(self) -> dict[str, str]:
        """What `pipeline env` prints."""
        return environment(self.home.path)

    @property
    def connections(self) -> Connections:
        """Its databases and keys."""
        return Connections.from_environment(self.variables)

    @property
    def airflow(self) -> AirflowApi:
        """Its REST API."""
        return AirflowApi.from_environment(self.variables)

    def start(self) -> None:
        """Start the programs that do not run; a busy machine may need several attempts.

        Raises:
            RuntimeError: the last attempt failed; holds its output.
        """
        for _ in range(_MORE_ATTEMPTS):
            with suppress(RuntimeError):
                self.run("up")
                return
        self.run("up")

    def stop(self) -> None:
        """Stop it; its data stays."""
        self.run("down")

    def run(self, *args: str) -> None:
        """Run `pipeline …` against it.

        Raises:
            RuntimeError: the command failed; holds its output.
        """
        _run_pipeline(self.environ, *args)

    def train(
        self, plan: Any, meanwhile: Callable[[str], AbstractContextManager[Any]] = nullcontext
    ) -> tuple[str, float]:
        """Trigger a plan and return its run's id, and the seconds until the last notification was published.

        Returns after Airflow has ended the run too, so that the next run does not overlap with it.

        Args:
            plan: the plan.
            meanwhile: returns what goes on while the run does, by the run's id.

        Raises:
            RuntimeError: the run failed, or a definition was neither trained nor stopped by its search.
        """
        airflow, database = self.airflow, self.connections.models_db
        ledger = Ledger(database)
        _ = airflow.token  # the login is not counted
        started = datetime.now(UTC)
        run_id = airflow.trigger(plan)
        state = ""
        # opening a connection for each query would add to what is measured
        with database.kept_open(), meanwhile(run_id):
            while state not in ENDED_RUN_STATES:
                time.sleep(_POLL_SECONDS)
                if ledger.is_settled(run_id):
                    with suppress(AirflowUnavailableError):  # it may be busy with what goes on meanwhile
                        state = airflow.get_run_state(run_id)
        counts = ledger.get_run(run_id)
        ended = counts["trained"] + counts["excluded"] + counts["stopped"]
        if state != "success" or ended != counts["permutations"]:
            raise RuntimeError(f"the run {run_id} ended as {state}, its definitions as {counts}")
        with database.connection() as connection:
            row = connection.execute(_LAST_PUBLISHED, {"run_id": run_id}).fetchone()
        if row is None or row[0] is None:
            raise RuntimeError(f"the run {run_id} announced no model")
        return run_id, (row[0] - started).total_seconds()

    def read_core_seconds(self) -> dict[str, float]:
        """Return the CPU seconds that each program has used so far; the tasks are separate from the scheduler.

        Ended processes are counted with the processes that waited for them.
        """
        record = Record.read(self.home)
        used: defaultdict[str, float] = defaultdict(float)
        for program in PROGRAMS:
            for process in find_processes(self.home, record.id, program.name):
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    own, ended = times.user + times.system, times.children_user + times.children_system
                    # the scheduler forks only executor workers, which fork the tasks' processes
                    is_fork = program is SCHEDULER and _is_fork(process)
                    used[TASKS if is_fork else program.name] += own
                    used[TASKS if program is SCHEDULER else program.name] += ended
        return dict(used)


def _is_fork(process: psutil.Process) -> bool:
    parent = process.parent()
    return parent is not None and parent.name() != "supervisord" and "supervisor" not in " ".join(parent.cmdline())


@contextmanager
def embedded_deployment() -> Iterator[Embedded]:
    """Yield a deployment just started with the defaults of `pipeline up`; stop and delete it afterwards.

    From then on, SIGTERM is the same to this process as Ctrl-C, so that all programs it has started are ended.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    kept = {
        name: value
        for name, value in os.environ.items()
        # without bytecode files, task processes would have to compile
        if not name.startswith(("AIRFLOW", "PIPELINE")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL does not run as root, and must be able to enter
        deployment = Embedded(Home(Path(folder, "home")), {**kept, "PIPELINE_HOME": f"{folder}/home"})
        try:
            deployment.start()
            yield deployment
        finally:
            with suppress(RuntimeError):  # if `up` failed before anything was started
                deployment.stop()


def _run_pipeline(environ: Mapping[str, str], *args: str) -> None:
    command = [str(Path(sys.executable).with_name("pipeline")), *args]
    # a session of its own: Ctrl-C goes to the benchmark only, which then stops the deployment in order
    done = subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"`pipeline {' '.join(args)}` failed: {done.stderr.strip()[-2000:]}")
