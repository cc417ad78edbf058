"""Two models of one label in a models database, and a service over it."""

from collections.abc import Callable

import pytest

from integration.registry.trained import DEFINITION, store, train_logistic, train_svm
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

Move = Callable[[int], None]


@pytest.fixture
def move(models_db: Database) -> Move:
    """Point `champion` at version 1, which knows probabilities, or at version 2, which does not."""
    store(models_db, train_logistic(), run_id="run-1")
    store(models_db, train_svm(), run_id="run-2")
    aliases = AliasesStore(models_db)

    def point(version: int) -> None:
        aliases.move("champion", f"{DEFINITION.label}@{version}", "ann", "a test")

    point(1)
    return point


@pytest.fixture
def environ(models_url: str, move: Move) -> dict[str, str]:  # noqa: ARG001 - there is something to serve
    """The environment of a service over that database."""
    return {"AIRFLOW_CONN_MODELS_DB": models_url}
