"""What the tests of the examples database share."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.examples.example import ExampleSet
from pipeline.stores.examples import ExamplesStore

MakeFile = Callable[..., Path]
BEGIN, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


def fetch_all(store: ExamplesStore, collection: str = "default") -> ExampleSet:
    """Return the examples of a collection."""
    return store.fetch(collection, BEGIN, END)
