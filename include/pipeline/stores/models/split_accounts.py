"""How datasets split their examples, counted by a worker for people who write a plan: `split_accounts.sql`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from psycopg.types.json import Jsonb

from pipeline.datasets.base import Dataset
from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

MOST_KEPT: Final = 1_000
"""How many accounts are kept; the oldest go first."""

Selected = Sequence[tuple[Dataset, str]]
"""Datasets, each with the digest of the examples that it selects."""


class SplitAccounts:
    """The accounts of splits in the models database. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def find(self, wanted: Selected) -> list[dict[str, Any] | None]:
        """Return the account of each dataset, or None if nobody has counted it.

        Returns:
            What `save` wrote, and with a `failure` if counting failed.
        """
        parameters = {
            "datasets": [dataset.split_text for dataset, _ in wanted],
            "digests": [digest for _, digest in wanted],
        }
        found: list[dict[str, Any] | None] = [None] * len(wanted)
        with self.database.connection() as connection:
            for position, account, failure in connection.execute(queries.select_split_accounts, parameters):
                found[position - 1] = (account or {}) | ({"failure": failure} if failure else {})
        return found

    def find_in_lineages(self, wanted: Selected) -> list[dict[str, Any] | None]:
        """Return for each dataset what the newest model of it and these examples says about them, or None."""
        parameters = {
            "blocks": [Jsonb(dataset.block) for dataset, _ in wanted],
            "digests": [digest for _, digest in wanted],
        }
        found: list[dict[str, Any] | None] = [None] * len(wanted)
        with self.database.connection() as connection:
            for position, examples in connection.execute(queries.select_lineage_accounts, parameters):
                found[position - 1] = examples
        return found

    def save(self, dataset: Dataset, digest: str, account: dict[str, Any] | None, failure: str = "") -> None:
        """Write how a dataset splits its examples, in place of what was there; delete accounts that are too many.

        Args:
            dataset: the dataset.
            digest: of the examples that it selects.
            account: the counts, as JSON values.
            failure: why it could not be counted, in place of the counts.
        """
        row = {
            "split_text": dataset.split_text,
            "digest": digest,
            "dataset": Jsonb(dataset.block),
            "account": account and Jsonb(account),
            "failure": failure or None,
        }
        with self.database.connection() as connection:
            connection.execute(queries.upsert_split_account, row)
            connection.execute(queries.delete_old_split_accounts, {"kept": MOST_KEPT})
