"""Examples of January 2016, to train and count."""

from datetime import UTC, datetime, timedelta

from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore

WORDS = {"fruit": "apple pear plum", "metal": "iron zinc tin"}


def load_january(database: Database, keyring: KeyRing, count: int = 40) -> None:
    """Load examples of two classes into the default collection, one an hour from the first of January 2016."""
    kinds = list(WORDS.items())
    rows = [
        IncomingRow(
            line=number,
            id=str(number),
            occurred_at=datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=number),
            classification=kinds[number % 2][0],
            text=f"{kinds[number % 2][1]} {number}",
        )
        for number in range(count)
    ]
    ExamplesStore(database, keyring).load("default", iter(rows), BrokenRows("test"))
