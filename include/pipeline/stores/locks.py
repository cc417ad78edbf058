"""The locks under which workers prepare what they share: `locks.sql`."""

from pathlib import Path

from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))
