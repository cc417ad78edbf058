"""The programs of a deployment, in the order in which they start."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_command
from pipeline.deployment.record import Record
from pipeline.extras import require_platform

SESSIONS = {"AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "20", "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "30"}
"""Database sessions of each API server: more than its 40 threads. Threads that wait for a session whose owner waits
for a thread would stop all of the server for half a minute."""

SERVER_SETTINGS = {
    # each API server may open twice its sessions; the other components keep small pools, and each task process opens
    # its own connections
    "max_connections": "300",
    "shared_buffers": "128MB",
    "wal_level": "minimal",  # no replica follows this server
    "max_wal_senders": "0",
    "wal_recycle": "off",  # a log file that is not needed any more is removed with what was deleted since
    "log_min_messages": "warning",
    # A log must never contain a statement's values.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}


@dataclass(frozen=True)
class Program:
    """A program that supervisord keeps running.

    Args:
        name: its name in messages, log files and supervisord.
        health: its name on Airflow's health page; empty if it has none.
        stop_signal: asks it to end soon and in order.
        environ: variables that only this program gets.
        niceness: how far it stands back where cores are short, as in nice(2).
    """

    name: str
    health: str = ""
    stop_signal: str = "TERM"
    environ: Mapping[str, str] = field(default_factory=dict, hash=False)
    niceness: int = 0


POSTGRES = Program("postgres", stop_signal="INT")  # INT: end sessions, write a checkpoint, exit
EXECUTION_API = Program("execution-api", environ=SESSIONS)  # what tasks talk to, and nobody else
# pages and REST: where a training needs the core, many readers wait, and one reader hardly notices
API_SERVER = Program("api-server", "metadatabase", environ=SESSIONS, niceness=4)
SCHEDULER = Program("scheduler", "scheduler")
DAG_PROCESSOR = Program("dag-processor", "dag_processor")
SERVICE = Program("service")  # answers with the models in service
PROGRAMS = (POSTGRES, EXECUTION_API, API_SERVER, SCHEDULER, DAG_PROCESSOR, SERVICE)


def airflow_command(*args: str) -> list[str]:
    """Return the command that runs Airflow's command line with this project's interpreter.

    Raises:
        NotInstalledError: Airflow is not installed.
    """
    require_platform()
    return [sys.executable, "-m", "airflow", *args]


def command_of(name: str, home: Home, record: Record) -> list[str]:
    """Return the command line of a program."""
    if name == "postgres":
        return server_command(home.postgres, record.postgres_port, SERVER_SETTINGS)
    if name == "scheduler":
        # The API server reads task logs from the same disk. A second server for them is not needed, and it would
        # listen on all addresses.
        return airflow_command("scheduler", "--skip-serve-logs")
    if name == EXECUTION_API.name:
        return airflow_command("api-server", "--apps", "execution", "--port", str(record.execution_port))
    if name == API_SERVER.name:
        return airflow_command("api-server", "--apps", "core")
    if name == SERVICE.name:
        return [sys.executable, "-m", "pipeline", "serve"]
    return airflow_command(name)
