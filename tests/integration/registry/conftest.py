"""The registry's application over a fresh models database, asked by somebody who may do everything."""

import pytest

from integration.registry.client import Client
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline.stores.database import Database


@pytest.fixture
def client(models_db: Database) -> Client:
    """What `ann` is answered."""
    return Client(make_app(Access(reader=lambda: "ann", user=lambda: "ann"), lambda: models_db))
