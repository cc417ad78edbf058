"""`pipeline up`: from nothing, from a stop or from a crash to a deployment that accepts work."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import psycopg

from pipeline.deployment.airflow_settings import count_slots
from pipeline.deployment.health import Status, airflow_api, observe
from pipeline.deployment.home import Home, make_home
from pipeline.deployment.keys import check_keys
from pipeline.deployment.lock import hold_lock, ports_lock
from pipeline.deployment.metadata import apply_machine_settings, dag_is_read, migrate_airflow
from pipeline.deployment.postgres import check_data_folder, create_data_folder, server_url, wait_until_ready
from pipeline.deployment.programs import (
    API_SERVER,
    DAG_PROCESSOR,
    EXECUTION_API,
    POSTGRES,
    PROGRAMS,
    SCHEDULER,
    SERVICE,
)
from pipeline.deployment.provision import provision
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.roles import DATABASES, OWNER, ROLES, password_of, role_url
from pipeline.deployment.stop import read_id, stop_processes
from pipeline.deployment.supervision import Supervisor, start_supervisor
from pipeline.deployment.variables import supervised_environment
from pipeline.environment import Up
from pipeline.errors import AirflowUnavailableError, DeploymentError
from pipeline.extras import require_platform
from pipeline.notifications.queue import open_queue
from pipeline.stores.disk import find_trouble
from pipeline.stores.migrations.migrate import SCHEMAS, migrate
from pipeline.stores.roles import grant, make_roles

_HEALTHY_SECONDS = 600
"""What fails is seen at once; this is for a program that runs and does not answer, be it for other work."""

Answer = TypeVar("Answer")


def start(path: Path, say: Callable[[str], None]) -> tuple[Status, Secrets]:
    """Start the programs of the deployment at `path` that do not run, and return once all are healthy.

    Args:
        path: its state folder, created if it is missing.
        say: called with what is being waited for.

    Raises:
        DeploymentError: names the part that failed, its log, and what to do; or says that the disk is full.
        NotInstalledError: this installation is for answers only.
    """
    require_platform()
    with _reporting_disk_trouble(path):
        if trouble := find_trouble(path):
            raise DeploymentError(str(path), trouble.what, next_step=trouble.next_step)
        home = make_home(path)
        with hold_lock(home.lock, say):
            record, secrets = _start(home, say)
            check_keys(home, record, secrets)
            return observe(home, record, secrets), secrets


@contextmanager
def _reporting_disk_trouble(path: Path) -> Iterator[None]:
    """If the disk is full or read-only, make any error say so: programs and libraries word it in many ways."""
    try:
        yield
    except Exception as error:
        trouble = find_trouble(path)
        if trouble is not None and trouble.what not in str(error):
            reason = " ".join(str(error).split())
            raise DeploymentError(str(path), f"{trouble.what}, so: {reason}", next_step=trouble.next_step) from error
        if isinstance(error, psycopg.Error):
            reason = " ".join(str(error).split())
            raise DeploymentError("PostgreSQL", reason, next_step="run `pipeline up` again") from error
        raise


def _start(home: Home, say: Callable[[str], None]) -> tuple[Record, Secrets]:
    up = Up.read()
    ui_port, slots = up.ui_port, count_slots(up.training_slots)
    if home.secrets.exists() and not Secrets.read(home).complete and stop_processes(home, read_id(home)):
        say("An earlier version was running; its programs were ended, and start again as this version's.")
    record, secrets = provision(home, ui_port)
    if observe(home, record, secrets).healthy:
        _apply_settings(home, record, secrets, slots)
        return record, secrets
    with hold_lock(ports_lock(), say):  # a chosen port looks free until a program listens on it
        record, supervisor, environ = _supervise(home, record, secrets, ui_port, say)
        say("PostgreSQL …")
        record = _start_postgres(home, record, secrets, supervisor, environ)
        say("Airflow's API servers …")
        since = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        servers = (EXECUTION_API.name, API_SERVER.name)
        for name in (*servers, DAG_PROCESSOR.name, SERVICE.name):
            supervisor.start(name)
        _wait(home, record, secrets, (POSTGRES.name, *servers))
    # Only now: a task that finds no Execution API fails, and its definition loses a try.
    supervisor.start(SCHEDULER.name)
    say("Scheduler, DAG processor and classification service …")
    record = _apply_settings(home, record, secrets, slots)
    _wait(home, record, secrets, tuple(program.name for program in PROGRAMS))
    _wait_for_dag(home, record, secrets, since)
    return record, secrets


def _supervise(
    home: Home, record: Record, secrets: Secrets, ui_port: int, say: Callable[[str], None]
) -> tuple[Record, Supervisor, Mapping[str, str]]:
    """Return a supervisord that answers: the running one, or a new one after ending the processes of the last."""
    supervisor = Supervisor.of(record, secrets)
    if supervisor.states() is not None:
        return record, supervisor, supervised_environment(home, record, secrets, os.environ)
    if ended := stop_processes(home, record.id):
        say(f"Ended {ended} processes that an earlier start left behind.")
    record = record.with_free_ports(ui_port)
    record.write(home)
    environ = supervised_environment(home, record, secrets, os.environ)
    return record, start_supervisor(home, record, secrets, environ), environ


def _start_postgres(
    home: Home, record: Record, secrets: Secrets, supervisor: Supervisor, environ: Mapping[str, str]
) -> Record:
    """Start the server and bring every database to the schema that its users expect."""
    if not home.postgres.exists():
        create_data_folder(home.postgres, secrets.postgres_password)
    check_data_folder(home.postgres)
    supervisor.start(POSTGRES.name)

    def alive() -> bool:
        state = (supervisor.states() or {}).get(POSTGRES.name)
        return state is not None and state.runs

    url = server_url(record.postgres_port, secrets.postgres_password)
    try:
        wait_until_ready(url, alive, home.log_of(POSTGRES.name))
    except DeploymentError:
        supervisor.stop(POSTGRES.name)
        raise
    made = make_roles(url, {role: password_of(secrets, role) for role in ROLES}, DATABASES)
    airflow_version = version("apache-airflow-core")
    with ThreadPoolExecutor() as pool:
        work = []
        if "airflow" in made or record.airflow_version != airflow_version:
            work.append(pool.submit(migrate_airflow, environ, home.log_of("airflow-migrate")))
        for schema in SCHEMAS:  # alembic has global state: one schema after the other
            migrate(role_url(record, secrets, OWNER, schema), schema)
        for done in work:
            done.result()
    notifications = role_url(record, secrets, OWNER, "notifications")
    with open_queue(notifications) as queue:
        queue.declare()
    grant(notifications, "notifications")
    record = replace(record, airflow_version=airflow_version)
    record.write(home)
    return record


def _apply_settings(home: Home, record: Record, secrets: Secrets, slots: int) -> Record:
    environ = supervised_environment(home, record, secrets, os.environ)
    api = airflow_api(record, secrets)
    given = _patiently(lambda: apply_machine_settings(api, environ, slots, record.training_slots))
    if given != record.training_slots:
        record = replace(record, training_slots=given)
        record.write(home)
    return record


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """Return the answer of a running Airflow; on a busy machine it may take long or be restarted in the meantime."""
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while True:
        try:
            return ask()
        except AirflowUnavailableError:
            if time.monotonic() > deadline:
                raise
        time.sleep(1)


def _wait(home: Home, record: Record, secrets: Secrets, names: tuple[str, ...]) -> Status:
    """Return once the programs are healthy."""
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while True:
        status = observe(home, record, secrets)
        waiting = [program for program in status.programs if program.name in names and program.health != "healthy"]
        if not waiting:
            return status
        failed = next((program for program in waiting if program.state in {"BACKOFF", "FATAL"}), None)
        if failed is not None or time.monotonic() > deadline:
            program = failed or waiting[0]
            with suppress(DeploymentError):  # nothing that follows may hide which program it was
                Supervisor.of(record, secrets).stop(program.name)
            raise DeploymentError(
                program.name,
                f"not healthy (state {program.state})",
                next_step=f"read {home.log_of(program.name)}, then run `pipeline up` again",
            )
        time.sleep(0.2)


def _wait_for_dag(home: Home, record: Record, secrets: Secrets, since: str) -> None:
    api = airflow_api(record, secrets)
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while not _patiently(lambda: dag_is_read(api, since)):
        if time.monotonic() > deadline:
            log = home.log_of(DAG_PROCESSOR.name)
            raise DeploymentError(DAG_PROCESSOR.name, "has not read the DAG", next_step=f"read {log}")
        time.sleep(0.3)
