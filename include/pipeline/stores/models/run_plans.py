"""The plans of runs, as they were given."""

from typing import Any

from pipeline.stores.database import Database
from pipeline.stores.models.ledger import queries


def find_plan(database: Database, run_id: str) -> dict[str, Any] | None:
    """Return the plan of a run, its keys in any order; None for an unknown run or one whose plan was refused."""
    with database.connection() as connection:
        found = connection.execute(queries.select_plan, {"run_id": run_id}).fetchone()
    return found[0] if found else None
