"""What pictures show of the trainings of a run."""

from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


def list_trainings(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return where each definition of a run was trained, what it shared, and the scores of its folds, in plan order."""
    with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(queries.select_trainings, {"run_id": run_id}).fetchall()
