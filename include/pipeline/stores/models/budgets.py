"""The budgets of a run, as the ledger keeps them: how many may fail, when the last begins, and how much memory."""

from pathlib import Path
from typing import NamedTuple

from pipeline.stores.database import Database
from pipeline.stores.models.ledger import queries as ledger_queries
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


class End(NamedTuple):
    """How a budget has ended a definition.

    Attributes:
        state: `stopped`, `cancelled` or `failed`.
        reason: the sentence in the ledger.
    """

    state: str
    reason: str


class Budgets:
    """The budgets of runs in the models database. Threads may share it: each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_end(self, run_id: str, label: str, map_index: int | None = None) -> End | None:
        """Return how a budget has ended a definition, or ends it now because it begins too late; None if none does."""
        key = {"run_id": run_id, "label": label, "map_index": map_index}
        with self._database.connection() as connection:
            connection.execute(queries.stop_late, key)
            row = connection.execute(queries.select_end, key).fetchone()
        return None if row is None else End(*row)

    def fail_for_memory(self, run_id: str, label: str, error: str) -> None:
        """Mark a definition as failed whose process is about to end; its next try fails with the same sentence."""
        key = {"run_id": run_id, "label": label, "error": error}
        with self._database.connection() as connection:
            connection.execute(ledger_queries.hold_run, key)
            connection.execute(queries.fail_for_memory, key)
            connection.execute(ledger_queries.cancel_rest, key)
