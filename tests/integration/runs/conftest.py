"""Databases with examples to train on."""

import pytest

from corpus import make_examples
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore


@pytest.fixture
def connections(
    examples_db: Database, models_db: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Connections:
    """Databases that hold sixty examples of three classes, one a minute."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    rows = [
        IncomingRow(number, str(number), each.occurred_at, each.classification, each.text)
        for number, each in enumerate(make_examples())
    ]
    ExamplesStore(examples_db, keyring).load("default", iter(rows), BrokenRows("test"))
    return Connections(examples_db, models_db, postgres_url)
