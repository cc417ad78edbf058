"""Delete models and runs that are old and that a policy does not keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg.rows import dict_row

from pipeline.stores.author import Author
from pipeline.stores.database import Database
from pipeline.stores.models.removal import collect, delete_models
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

_MODELS_AT_ONCE: Final = 500
_RUNS_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept; what aliases point at, and pointed at before, always is.

    Attributes:
        days: whatever is younger.
        best: how many of the best models of each testing set.
        of_recipe: how many models of each recipe: those that were tested on the latest examples.
    """

    days: int
    best: int = 3
    of_recipe: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return it as JSON values."""
        return {"days": self.days, "best": self.best, "of_recipe": self.of_recipe}


class PruneStore:
    """What is old in the models database. Each deletion is many transactions, so nobody waits for long."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self.database = database
        self._policy = policy

    def list_models(self) -> list[dict[str, Any]]:
        """Return the models that the policy lets go, oldest first; of each the id, name, run and size."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_prunable, self._policy.to_dict()).fetchall()

    def list_runs(self, without: Sequence[int] = ()) -> list[str]:
        """Return the runs that are old and have no model, or only some of these ids."""
        with self.database.connection() as connection:
            parameters = {"days": self._policy.days, "ids": [*without]}
            return [run_id for (run_id,) in connection.execute(queries.select_prunable_runs, parameters)]

    def count_split_accounts(self) -> int:
        """Return how many accounts of splits are old."""
        return int(self._ask(queries.count_split_accounts))

    def count_evaluations(self) -> int:
        """Return how many evaluations are old, those of models that will be deleted included."""
        return int(self._ask(queries.count_evaluations))

    def find_moment(self) -> datetime:
        """Return the moment before which everything of Airflow is old: no open run began before it."""
        moment: datetime = self._ask(queries.find_moment)
        return moment

    def delete_evaluations(self) -> int:
        """Delete old evaluations, with the testing sets that only they had; return how many."""
        with self.database.connection() as connection:
            rows = connection.execute(queries.delete_evaluations, {"days": self._policy.days}).fetchall()
            collect(connection, set(), {testing_set for (testing_set,) in rows})
        return len(rows)

    def delete_models(self, author: Author) -> Iterator[list[dict[str, Any]]]:
        """Delete what `list_models` returns, and yield each part after it was deleted."""
        ids = [model["model_id"] for model in self.list_models()]
        for part in _cut(ids, _MODELS_AT_ONCE):
            with self.database.connection() as connection:
                deleted = delete_models(connection, part, author, unless_aliased=True)
            yield deleted

    def delete_runs(self) -> Iterator[int]:
        """Delete what `list_runs` returns, and yield after each part how many there were."""
        for part in _cut(self.list_runs(), _RUNS_AT_ONCE):
            with self.database.connection() as connection:
                deleted = connection.execute(queries.delete_runs, {"runs": part}).rowcount
            yield deleted

    def delete_rest(self) -> int:
        """Delete old accounts of splits, and old names of deleted models; return how many accounts there were."""
        with self.database.connection() as connection:
            connection.execute(queries.delete_names, {"days": self._policy.days})
            return connection.execute(queries.delete_split_accounts, {"days": self._policy.days}).rowcount

    def _ask(self, query: LiteralString) -> Any:
        """Return the only value of the only row."""
        with self.database.connection() as connection:
            row = connection.execute(query, {"days": self._policy.days}).fetchone()
        assert row is not None  # noqa: S101 - such queries return one row
        return row[0]


def _cut(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    return ([*values[start : start + size]] for start in range(0, len(values), size))
