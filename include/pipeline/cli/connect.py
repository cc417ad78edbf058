"""How commands reach the deployment: the single place for the environment, the stores and Airflow.

Only what a command uses is imported.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.deployment.home import find_home
from pipeline.environment import EXAMPLES_KEYS_FILE, AirflowLogin, ConnectionUrls, Deployment, ExamplesKeys
from pipeline.errors import DeploymentError

if TYPE_CHECKING:
    from pipeline.airflow_client.api import AirflowApi
    from pipeline.runs.connections import Connections
    from pipeline.stores.examples.store import ExamplesStore
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.aliases import AliasesStore
    from pipeline.stores.models.evaluations import EvaluationsStore
    from pipeline.stores.models.ledger import Ledger
    from pipeline.stores.models.notifications import NotificationsStore
    from pipeline.stores.models.removal import RemovalStore
    from pipeline.stores.models.store import ModelsStore


def home() -> Path:
    """Return the state folder of this machine's deployment; it need not exist."""
    return find_home(Deployment.read().home)


def read_deployment(reason: str) -> dict[str, str]:
    """Return the variables of this machine's deployment.

    Args:
        reason: why it is needed, for the error message.

    Raises:
        DeploymentError: there is no deployment.
    """
    from pipeline.deployment.variables import environment

    try:
        return environment(home())
    except DeploymentError as error:
        raise DeploymentError(error.where, f"{error.what}, and {reason}", error.allowed, error.next_step) from None


def complete_environment() -> dict[str, str]:
    """Return this process's environment; variables that it lacks come from this machine's deployment.

    Raises:
        DeploymentError: a variable is missing, and there is no deployment on this machine to supply it.
    """
    missing = ConnectionUrls.read().missing
    if not missing:
        return dict(os.environ)
    supplied = read_deployment(f"the environment lacks {', '.join(missing)}")
    if ExamplesKeys.read().inline:  # keys set by hand replace the deployment's file
        del supplied[EXAMPLES_KEYS_FILE]
    # an empty variable counts as not set
    return supplied | {name: text for name, text in os.environ.items() if text.strip() or name not in supplied}


def service_environment() -> dict[str, str]:
    """Return the environment of the service: this process's, if it names where models come from.

    Raises:
        DeploymentError: it names neither the models database nor a registry, and no deployment is on this machine.
    """
    if ConnectionUrls.read().models_db or AirflowLogin.read().url:
        return dict(os.environ)
    try:
        supplied = read_deployment("the environment names neither AIRFLOW_CONN_MODELS_DB nor PIPELINE_AIRFLOW_URL")
    except DeploymentError as error:
        next_step = "set one of them, or run `pipeline up`, which also starts a service"
        raise DeploymentError(error.where, error.what, error.allowed, next_step) from None
    return supplied | {name: text for name, text in os.environ.items() if text.strip() or name not in supplied}


@cache
def environ() -> dict[str, str]:
    """Return the environment that commands use; see `complete_environment`."""
    return complete_environment()


@cache
def connections() -> "Connections":
    """Return the connections of this environment, or of the deployment on this machine."""
    known = environ()
    from pipeline.runs.connections import Connections

    return Connections.from_environment(known)


def airflow_api() -> "AirflowApi":
    """Return the Airflow of this environment, or of the deployment on this machine."""
    known = environ()
    from pipeline.airflow_client.api import AirflowApi

    return AirflowApi.from_environment(known)


def examples_survey() -> "ExamplesSurvey":
    """Return the counts of the examples database."""
    known = connections()
    from pipeline.stores.examples.survey import ExamplesSurvey

    return ExamplesSurvey(known.examples_db)


def examples_store() -> "ExamplesStore":
    """Return the examples database with its keys."""
    from pipeline.stores.examples.store import ExamplesStore

    return ExamplesStore(connections().examples_db, connections().keyring)


def ledger() -> "Ledger":
    """Return the ledger of the models database."""
    from pipeline.stores.models.ledger import Ledger

    return Ledger(connections().models_db)


def models_store() -> "ModelsStore":
    """Return the store of models."""
    from pipeline.stores.models.store import ModelsStore

    return ModelsStore(connections().models_db)


def evaluations_store() -> "EvaluationsStore":
    """Return the evaluations of stored models."""
    from pipeline.stores.models.evaluations import EvaluationsStore

    return EvaluationsStore(connections().models_db)


def aliases_store() -> "AliasesStore":
    """Return the store of aliases."""
    from pipeline.stores.models.aliases import AliasesStore

    return AliasesStore(connections().models_db)


def removal_store() -> "RemovalStore":
    """Return what deletes and retires models."""
    from pipeline.stores.models.removal import RemovalStore

    return RemovalStore(connections().models_db)


def notifications_store() -> "NotificationsStore":
    """Return the notification table."""
    from pipeline.stores.models.notifications import NotificationsStore

    return NotificationsStore(connections().models_db)
