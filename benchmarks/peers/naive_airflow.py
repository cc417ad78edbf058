"""A naive sweep on Airflow with LocalExecutor and all defaults, except PostgreSQL for its database."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from peers.work import Outcome, Stopwatch, Work
from pipeline.airflow_client.api import ENDED_RUN_STATES, AirflowApi, serves_tasks
from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready
from pipeline.deployment.programs import SERVER_SETTINGS, airflow_command
from pipeline.stores.databases import create_missing_databases

DAG = "naive_sweep"
COMPONENTS = ("api-server", "scheduler", "dag-processor")
_FOLDER = Path(__file__).parent
_USER = "admin"
_START_SECONDS = 180
_STOP_SECONDS = 30
_POLL_SECONDS = 1.0


class NaiveAirflow:
    """Airflow in its own folder; it can be started and stopped several times."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password = secrets.token_hex(16)
        self._secret = secrets.token_hex(64)
        self._set_up = False
        # the product has a module of this name, which Airflow would import; here, no module is preloaded
        shadow = folder / "settings" / "airflow_local_settings.py"
        shadow.parent.mkdir(parents=True)
        shadow.touch()
        (folder / "passwords.json").write_text(json.dumps({_USER: self._password}))

    @contextmanager
    def running(self) -> Iterator[AirflowApi]:
        """Yield the API of a running deployment that has read the DAG; stop it after the block."""
        database_port, api_port = free_port(), free_port()
        environ = self._make_environment(database_port, api_port)
        api = AirflowApi(f"http://127.0.0.1:{api_port}", _USER, self._password)
        with ExitStack() as started:
            started.callback(_stop, self._start_database(database_port), signal.SIGINT)
            if not self._set_up:
                create_missing_databases(server_url(database_port, self._password), ("airflow",))
                subprocess.run(airflow_command("db", "migrate"), env=environ, capture_output=True, check=True)
                self._set_up = True
            for component in COMPONENTS:
                started.callback(_stop, self._start(component, airflow_command(component), environ), signal.SIGTERM)
                if component == COMPONENTS[0]:  # a task that finds no API server fails
                    self._wait(lambda: api.health() is not None)
            self._wait(lambda: api.find(f"/api/v2/dags/{DAG}") is not None)
            serves_tasks(api.url)  # so that the first task need not wait until this is built
            yield api

    def _start_database(self, port: int) -> subprocess.Popen[bytes]:
        data = self._folder / "postgres"
        if not data.exists():
            create_data_folder(data, self._password)
        server = self._start("postgres", server_command(data, port, SERVER_SETTINGS), os.environ)
        log = self._folder / "postgres.log"
        try:
            wait_until_ready(server_url(port, self._password), lambda: server.poll() is None, log)
        except BaseException:
            _stop(server, signal.SIGINT)
            raise
        return server

    def _start(self, name: str, command: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            # a session of its own: Ctrl-C goes to the benchmark only, which then ends all of them
            return subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Airflow does not start; see the logs in {self._folder}")
            time.sleep(0.3)

    def _make_environment(self, database_port: int, api_port: int) -> dict[str, str]:
        settings = {
            "CORE__DAGS_FOLDER": str(_FOLDER / "dags"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{api_port}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._folder / "passwords.json"),
            "DATABASE__SQL_ALCHEMY_CONN": server_url(database_port, self._password, "airflow").replace(
                "postgresql:", "postgresql+psycopg2:", 1
            ),
            "API__HOST": "127.0.0.1",
            "API__PORT": str(api_port),
            "API__BASE_URL": f"http://127.0.0.1:{api_port}",
            "API__SECRET_KEY": self._secret,
            "API_AUTH__JWT_SECRET": self._secret,
        }
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PIPELINE"))},
            **{f"AIRFLOW__{name}": value for name, value in settings.items()},
            "AIRFLOW_HOME": str(self._folder / "airflow"),
            "PYTHONPATH": os.pathsep.join((str(self._folder / "settings"), str(_FOLDER.parent))),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "no_proxy": "127.0.0.1,localhost",
        }


def _stop(process: subprocess.Popen[bytes], ask: signal.Signals) -> None:
    """End a program in order, within a time limit, and then all that is left of its session."""
    process.send_signal(ask)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def sweep(api: AirflowApi, path: Path) -> Outcome:
    """Trigger the naive DAG with the work in a file, and return its outcome.

    Raises:
        RuntimeError: the run failed.
    """
    runs, labels = f"/api/v2/dags/{DAG}/dagRuns", [*Work.read(path).definitions]
    with Stopwatch() as watch:
        started = datetime.now(UTC)
        run = api.change("POST", runs, {"logical_date": None, "conf": {"work": str(path)}})
        address = f"{runs}/{quote(run['dag_run_id'])}"
        while (run := api.find(address))["state"] not in ENDED_RUN_STATES:
            time.sleep(_POLL_SECONDS)
    if run["state"] != ENDED_RUN_STATES[0]:
        raise RuntimeError(f"the naive run ended as {run['state']}")
    accuracies = {}
    for place, label in enumerate(labels):
        entry = api.find(f"{address}/taskInstances/train/xcomEntries/return_value?map_index={place}")
        accuracies[label] = float(entry["value"])
    seconds = (datetime.fromisoformat(run["end_date"]) - started).total_seconds()
    return Outcome(seconds, watch.core_seconds, accuracies)
