"""The programs of a deployment, in the order they start."""

import sys
from dataclasses import dataclass

from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_command
from pipeline.deployment.record import Record

SERVER_SETTINGS = {
    "max_connections": "200",  # Airflow's components keep pools, each task process opens its own
    "shared_buffers": "128MB",
    "wal_level": "minimal",  # no replica follows this server
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    # A statement's values are what a log must never hold.
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
        name: how messages, log files and supervisord call it.
        health: the name Airflow's health page gives it; empty where it has none.
        stop_signal: asks it to end soon and in order.
    """

    name: str
    health: str = ""
    stop_signal: str = "TERM"


POSTGRES = Program("postgres", stop_signal="INT")  # INT: end sessions, write a checkpoint, leave
API_SERVER = Program("api-server", "metadatabase")
SCHEDULER = Program("scheduler", "scheduler")
DAG_PROCESSOR = Program("dag-processor", "dag_processor")
PROGRAMS = (POSTGRES, API_SERVER, SCHEDULER, DAG_PROCESSOR)


def airflow_command(*args: str) -> list[str]:
    """Return the command that runs Airflow's command line in our own interpreter."""
    return [sys.executable, "-m", "airflow", *args]


def command_of(name: str, home: Home, record: Record) -> list[str]:
    """Return the command line of a program."""
    if name == "postgres":
        return server_command(home.postgres, record.postgres_port, SERVER_SETTINGS)
    if name == "scheduler":
        # The API server reads task logs from the same disk: nobody needs a second server for them, which
        # would listen on all addresses.
        return airflow_command("scheduler", "--skip-serve-logs")
    return airflow_command(name)
