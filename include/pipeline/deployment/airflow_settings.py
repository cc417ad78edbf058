"""Airflow's settings: those of every deployment, from `airflow.env`, and those of this machine."""

from functools import cache
from pathlib import Path

from pipeline.deployment.home import Home, code_root
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.roles import AIRFLOW, role_url
from pipeline.threads import count_cores

ADMIN = "admin"
TRAINING_POOL = "training"
TUNING_FILE = Path(__file__).with_name("airflow.env")


def count_slots(wanted: int | None) -> int:
    """Return how many definitions this machine trains at once: `wanted`, or the number of cores plus four.

    More than cores: Airflow needs a moment between two definitions, in which the others use the cores.
    """
    return wanted or count_cores() + 4


@cache
def read_tuning() -> dict[str, str]:
    """Return the variables of `airflow.env`, which all deployments share."""
    lines = (line.strip() for line in TUNING_FILE.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def airflow_settings(home: Home, record: Record, secrets: Secrets, cores: int) -> dict[str, str]:
    """Return the variables that configure every Airflow component of this machine's deployment."""
    database = role_url(record, secrets, AIRFLOW, AIRFLOW)
    settings = {
        "core": {
            "executor": "LocalExecutor",
            "dags_folder": str(code_root() / "dags"),
            "plugins_folder": str(code_root() / "plugins"),
            # The pool limits training. An executor slot stays taken for up to a second after its task instance has
            # ended, and in that second each core may have begun and ended several others.
            "parallelism": str(4 * cores + 4),
            # A server of their own: readers of pages cannot keep tasks from reporting.
            "execution_api_server_url": f"{record.execution_url}/execution/",
            "fernet_key": secrets.fernet_key,
            "auth_manager": "pipeline_airflow.machine_users.MachineUsers",
            # Written before Airflow starts, so that Airflow never prints a password into a log.
            "simple_auth_manager_passwords_file": str(home.airflow_passwords),
        },
        "database": {"sql_alchemy_conn": database.replace("postgresql:", "postgresql+psycopg2:", 1)},
        "api": {
            "host": "127.0.0.1",
            "port": str(record.ui_port),
            "base_url": record.base_url,
            "secret_key": secrets.api_secret_key,
        },
        "api_auth": {"jwt_secret": secrets.jwt_secret},
        "logging": {"base_log_folder": str(home.airflow / "logs")},
    }
    return read_tuning() | {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for section, options in settings.items()
        for name, value in options.items()
    }
