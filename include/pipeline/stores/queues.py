"""The notification queues in PostgreSQL: `queues.sql`."""

from pathlib import Path

from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))
