"""The queries to the examples database: `queries.sql`."""

from pathlib import Path

from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))
