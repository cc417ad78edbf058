"""The registry's application over a fresh models database, asked by somebody who may do everything."""

import pytest

from integration.registry.client import ANN, Client
from pipeline.registry.app import make_app
from pipeline.stores.database import Database


@pytest.fixture
def client(models_db: Database) -> Client:
    """What `ann` is answered."""
    return Client(make_app(ANN, lambda: models_db))
