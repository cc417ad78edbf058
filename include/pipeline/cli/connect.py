"""How commands reach the deployment: one place for the environment, the stores and Airflow."""

from functools import cache

from pipeline.runs.connections import Connections
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore


@cache
def connections() -> Connections:
    """Return the connections of this environment, or of the deployment on this machine."""
    return Connections.from_environment()


def examples_survey() -> ExamplesSurvey:
    """Return the counts of the examples database."""
    return ExamplesSurvey(connections().examples_db)


def examples_store() -> ExamplesStore:
    """Return the examples database, with the keys that open it."""
    return ExamplesStore(connections().examples_db, connections().keyring)


def ledger() -> Ledger:
    """Return the ledger of the models database."""
    return Ledger(connections().models_db)


def models_store() -> ModelsStore:
    """Return the store of models."""
    return ModelsStore(connections().models_db)


def aliases_store() -> AliasesStore:
    """Return the store of aliases."""
    return AliasesStore(connections().models_db)


def notifications_store() -> NotificationsStore:
    """Return the notification table."""
    return NotificationsStore(connections().models_db)
