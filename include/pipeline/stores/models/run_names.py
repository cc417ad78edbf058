"""What runs are called: names, notes and tags, which people may change at any time."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from pipeline.errors import NotFoundError
from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


def describe_run(database: Database, run_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change what a run is called, and return all of that.

    Args:
        changes: new values of `name`, `note` or `tags`, of which the others stay; None removes a name or a note.

    Raises:
        NotFoundError: no such run.
    """
    row = {"name": None, "note": None, "tags": [], **changes, "changed": [*changes], "run_id": run_id}
    with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(queries.describe_run, row).fetchone()
    if found is None:
        raise NotFoundError("run", f"there is no run {run_id!r}", next_step="see `pipeline runs list`")
    return found


def count_tags(database: Database) -> dict[str, int]:
    """Return each tag with the number of its runs, by name."""
    with database.connection() as connection:
        return dict(connection.execute(queries.select_tags).fetchall())


def list_tagged(database: Database, tags: Collection[str]) -> list[str]:
    """Return the ids of the runs that have one of some tags."""
    with database.connection() as connection:
        return [run_id for (run_id,) in connection.execute(queries.select_tagged, {"tags": [*tags]})]
