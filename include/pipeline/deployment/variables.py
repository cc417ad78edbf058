"""The environment of a deployment's processes and of the commands that use it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.deployment.airflow_settings import ADMIN, airflow_settings
from pipeline.deployment.home import Home
from pipeline.deployment.programs import API_SERVER, DAG_PROCESSOR, SCHEDULER
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.roles import OWNER, REGISTRY, TASKS, role_url
from pipeline.deployment.roles import SERVICE as SERVICE_ROLE
from pipeline.environment import (
    EXAMPLES_KEYS_FILE,
    PREPARED_STORE,
    AirflowLogin,
    ConnectionUrls,
    Deployment,
    ExamplesKeys,
    Prepared,
    RegistryConnection,
    Service,
)
from pipeline.errors import DeploymentError
from pipeline.threads import count_cores
from pipeline.variables import Variables

_OF_TASKS = (*ConnectionUrls.names(), *ExamplesKeys.names(), *Prepared.names())


def environment(home: Path) -> dict[str, str]:
    """Return every variable that names a part of the deployment at `home`, for commands: they connect as its owner.

    Raises:
        DeploymentError: there is no deployment, or it was last started by an earlier version.
    """
    place = Home(home)
    record, secrets = Record.read(place), Secrets.read(place)
    if not secrets.complete:
        what = "is of an earlier version, and its database does not have the roles that commands connect as"
        raise DeploymentError(str(place.path), what, next_step="run `pipeline up`, which makes them; nothing is lost")
    login = AirflowLogin(url=record.base_url, username=ADMIN, password=secrets.admin_password)
    return build_environment(place, record, secrets, OWNER) | login.to_environ()


def build_environment(home: Home, record: Record, secrets: Secrets, role: str) -> dict[str, str]:
    """Return the variables that both Airflow's components and commands need; the login is for commands only.

    Args:
        role: the role that the connections of tasks and commands name.
    """
    parts: tuple[Variables, ...] = (
        Deployment(home=str(home.path)),
        ExamplesKeys(file=home.examples_keys),
        Prepared(store=home.prepared.as_uri()),
        ConnectionUrls(
            examples_db=role_url(record, secrets, role, "examples"),
            models_db=role_url(record, secrets, role, "models"),
            notifications=role_url(record, secrets, role, "notifications"),
        ),
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
    """Return the environment of supervisord, from which `narrow` makes that of each of its programs."""
    kept = {
        name: value
        for name, value in inherited.items()
        # PG* would redirect connections, and without bytecode files every task takes seconds longer.
        # The service's token is in a file, which `pipeline status` reads too.
        if not name.startswith("PG") and name not in ("PYTHONDONTWRITEBYTECODE", Service.name_of("tokens"))
    }
    local = "127.0.0.1,localhost"
    no_proxy = ",".join(part for part in (kept.get("no_proxy") or kept.get("NO_PROXY"), local) if part)
    built = build_environment(home, record, secrets, TASKS)
    if ExamplesKeys.read(kept).inline:  # keys set by hand replace the deployment's file
        del built[EXAMPLES_KEYS_FILE]
    return {
        **kept,
        **built,
        # a user may choose another place, or `off`
        PREPARED_STORE: kept.get(PREPARED_STORE, built[PREPARED_STORE]),
        **RegistryConnection(
            registry_db=role_url(record, secrets, REGISTRY, "models"),
            registry_examples_db=role_url(record, secrets, REGISTRY, "examples"),
        ).to_environ(),
        **Deployment(id=record.id).to_environ(),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), inherited.get("PATH", os.defpath))),
        # Otherwise, process titles would overwrite the environment that contains the id.
        "SPT_NOENV": "1",
        "PYTHONUNBUFFERED": "1",
        # Tasks and the API server of one machine never use a proxy.
        "no_proxy": no_proxy,
        "NO_PROXY": no_proxy,
    }


def connect_service(record: Record, secrets: Secrets) -> dict[str, str]:
    """Return the variables by which the classification service connects, with the role that may only do that."""
    models, notifications = (role_url(record, secrets, SERVICE_ROLE, name) for name in ("models", "notifications"))
    return ConnectionUrls(models_db=models, notifications=notifications).to_environ()


def narrow(environ: Mapping[str, str], program: str) -> dict[str, str]:
    """Return the environment of one program: what tasks need is for programs that run the code of DAGs.

    The API server has the registry's connections in its place.
    """
    registry = RegistryConnection.read(environ)
    if program in (SCHEDULER.name, DAG_PROCESSOR.name):
        return {name: value for name, value in environ.items() if name not in registry.names()}
    kept = {name: value for name, value in environ.items() if name not in (*_OF_TASKS, *registry.names())}
    if program == API_SERVER.name and registry.registry_db:
        notifications = urlsplit(registry.registry_db)._replace(path="/notifications").geturl()
        kept |= registry.to_environ() | ConnectionUrls(notifications=notifications).to_environ()
    return kept
