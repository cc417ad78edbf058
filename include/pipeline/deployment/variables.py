"""The environment of a deployment's processes, and of commands that talk to it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline.cache.store import STORE_VARIABLE
from pipeline.deployment.airflow_settings import ADMIN, airflow_settings
from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets
from pipeline.examples.keyring import FILE_VARIABLE, INLINE_VARIABLE
from pipeline.threads import count_cores
from pipeline.training.cores import VARIABLE as CORES_VARIABLE

HOME_VARIABLE = "PIPELINE_HOME"
ID_VARIABLE = "PIPELINE_DEPLOYMENT_ID"
PROGRAM_VARIABLE = "PIPELINE_PROGRAM"
DATABASES = ("examples", "models", "notifications")


def environment(home: Path) -> dict[str, str]:
    """Return every variable that names the parts of the deployment at `home`.

    Raises:
        DeploymentError: there is no deployment there.
    """
    place = Home(home)
    record, secrets = Record.read(place), Secrets.read(place)
    return {
        **build_environment(place, record, secrets),
        "PIPELINE_AIRFLOW_URL": record.base_url,
        "PIPELINE_AIRFLOW_USERNAME": ADMIN,
        "PIPELINE_AIRFLOW_PASSWORD": secrets.admin_password,
    }


def build_environment(home: Home, record: Record, secrets: Secrets) -> dict[str, str]:
    """Return what both Airflow's components and commands need; the login is for commands only."""
    connections = {
        "AIRFLOW_CONN_EXAMPLES_DB": "examples",
        "AIRFLOW_CONN_MODELS_DB": "models",
        "AIRFLOW_CONN_NOTIFICATIONS": "notifications",
    }
    return {
        HOME_VARIABLE: str(home.path),
        FILE_VARIABLE: str(home.examples_keys),
        STORE_VARIABLE: home.prepared.as_uri(),
        CORES_VARIABLE: str(home.cores),
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW_CONFIG": str(home.airflow / "airflow.cfg"),
        **{
            name: server_url(record.postgres_port, secrets.postgres_password, database)
            for name, database in connections.items()
        },
        **airflow_settings(home, record, secrets, count_cores()),
    }


def supervised_environment(
    home: Home, record: Record, secrets: Secrets, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment that supervisord, and so every process of the deployment, lives in."""
    kept = {
        name: value
        for name, value in inherited.items()
        # PG* would steer connections elsewhere, and without bytecode files every task pays seconds.
        if not name.startswith("PG") and name != "PYTHONDONTWRITEBYTECODE"
    }
    local = "127.0.0.1,localhost"
    no_proxy = ",".join(part for part in (kept.get("no_proxy") or kept.get("NO_PROXY"), local) if part)
    built = build_environment(home, record, secrets)
    if kept.get(INLINE_VARIABLE):  # keys given by hand take the place of the deployment's file
        del built[FILE_VARIABLE]
    return {
        **kept,
        **built,
        # somebody may want it elsewhere, or off
        STORE_VARIABLE: kept.get(STORE_VARIABLE, home.prepared.as_uri()),
        ID_VARIABLE: record.id,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), inherited.get("PATH", os.defpath))),
        # Process titles would otherwise overwrite the environment that the id is found in.
        "SPT_NOENV": "1",
        "PYTHONUNBUFFERED": "1",
        # Tasks and the API server of one machine never speak through a proxy.
        "no_proxy": no_proxy,
        "NO_PROXY": no_proxy,
    }
