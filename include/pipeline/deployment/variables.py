"""The environment of a deployment's processes and of the commands that use it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline.deployment.airflow_settings import ADMIN, airflow_settings
from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets
from pipeline.environment import (
    EXAMPLES_KEYS_FILE,
    PREPARED_STORE,
    AirflowLogin,
    ConnectionUrls,
    Deployment,
    ExamplesKeys,
    Prepared,
    Service,
    Variables,
)
from pipeline.threads import count_cores

DATABASES = ("examples", "models", "notifications")


def environment(home: Path) -> dict[str, str]:
    """Return every variable that names a part of the deployment at `home`.

    Raises:
        DeploymentError: there is no deployment.
    """
    place = Home(home)
    record, secrets = Record.read(place), Secrets.read(place)
    login = AirflowLogin(url=record.base_url, username=ADMIN, password=secrets.admin_password)
    return build_environment(place, record, secrets) | login.to_environ()


def build_environment(home: Home, record: Record, secrets: Secrets) -> dict[str, str]:
    """Return the variables that both Airflow's components and commands need; the login is for commands only."""
    examples, models, notifications = (
        server_url(record.postgres_port, secrets.postgres_password, database) for database in DATABASES
    )
    parts: tuple[Variables, ...] = (
        Deployment(home=str(home.path)),
        ExamplesKeys(file=home.examples_keys),
        Prepared(store=home.prepared.as_uri()),
        ConnectionUrls(examples_db=examples, models_db=models, notifications=notifications),
        Service(
            port=record.service_port,
            tokens_file=home.service_tokens,
            keys_file=home.service_keys,
            folder=home.service_documents,
        ),
    )
    return {
        **{name: text for part in parts for name, text in part.to_environ().items()},
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW_CONFIG": str(home.airflow / "airflow.cfg"),
        **airflow_settings(home, record, secrets, count_cores()),
    }


def supervised_environment(
    home: Home, record: Record, secrets: Secrets, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of supervisord, and so of every process of the deployment."""
    kept = {
        name: value
        for name, value in inherited.items()
        # PG* would redirect connections, and without bytecode files every task takes seconds longer.
        if not name.startswith("PG") and name != "PYTHONDONTWRITEBYTECODE"
    }
    local = "127.0.0.1,localhost"
    no_proxy = ",".join(part for part in (kept.get("no_proxy") or kept.get("NO_PROXY"), local) if part)
    built = build_environment(home, record, secrets)
    if ExamplesKeys.read(kept).inline:  # keys set by hand replace the deployment's file
        del built[EXAMPLES_KEYS_FILE]
    return {
        **kept,
        **built,
        # a user may choose another place, or `off`
        PREPARED_STORE: kept.get(PREPARED_STORE, built[PREPARED_STORE]),
        **Deployment(id=record.id).to_environ(),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), inherited.get("PATH", os.defpath))),
        # Otherwise, process titles would overwrite the environment that contains the id.
        "SPT_NOENV": "1",
        "PYTHONUNBUFFERED": "1",
        # Tasks and the API server of one machine never use a proxy.
        "no_proxy": no_proxy,
        "NO_PROXY": no_proxy,
    }
