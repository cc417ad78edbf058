"""The leaderboard of one run or of all: definitions with their state and, where there is one, their model."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, LiteralString

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

_COLUMNS = (
    "accuracy", "macro_f1", "gain", "training_seconds", "size_bytes", "created_at", "label", "state", "run_id",
)  # fmt: skip
ORDERS = tuple(sign + column for column in _COLUMNS for sign in ("", "-"))
"""What the leaderboard can be sorted by; `-` before a column is the largest first."""


@dataclass(frozen=True)
class Filter:
    """Which definitions; an empty part leaves nothing out.

    Attributes:
        text: a part of the label.
        options: for each option the values that will do, as pieces of a definition:
            `[[{"model": {"options": {"kernel": "rbf"}}}]]`.
    """

    runs: Collection[str] = ()
    states: Collection[str] = ()
    datasets: Collection[str] = ()
    adapters: Collection[str] = ()
    models: Collection[str] = ()
    text: str = ""
    options: Sequence[Sequence[dict[str, Any]]] = field(default_factory=list)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the queries are given."""
        values = asdict(self)
        options = values.pop("options")
        return {name: (value if isinstance(value, str) else [*value]) or None for name, value in values.items()} | {
            "options": Jsonb(options)
        }


class Leaderboard:
    """Definitions and models to choose from; documents are never read."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def list_definitions(
        self, wanted: Filter, order: str = "-accuracy", limit: int = 50, offset: int = 0
    ) -> list[dict[str, Any]]:
        """Return one page.

        `rank` and `best_model_id` are among all that are wanted and were tested on the same examples, and `map_index`
        is the number of the task instance that trained the row; None where nobody wrote it down.
        """
        if order not in ORDERS:
            raise ValueError(f"no order {order!r}, only {', '.join(ORDERS)}")
        sort = {"sort": order.removeprefix("-"), "descending": order.startswith("-")}
        return self._select(queries.select_leaderboard, wanted.parameters | sort | {"limit": limit, "offset": offset})

    def count_states(self, wanted: Filter) -> dict[str, int]:
        """Return how many definitions are in each state."""
        return {row["state"]: row["count"] for row in self._select(queries.count_states, wanted.parameters)}

    def list_choices(self, wanted: Filter) -> dict[str, Any]:
        """Return what can be filtered by: names by section with their counts, and options that differ."""
        names: dict[str, dict[str, int]] = {"dataset": {}, "adapter": {}, "model": {}}
        for row in self._select(queries.select_names, wanted.parameters):
            names[row["section"]][row["name"]] = row["count"]
        return names | {"options": self._select(queries.select_options, wanted.parameters)}

    def get_answers(self, model_ids: Collection[int]) -> dict[int, tuple[bytes, bytes]]:
        """Return the testing set and the sealed answers of models, by their id; those of before there were any lack."""
        rows = self._select(queries.select_answers, {"model_ids": [*model_ids]})
        return {row["model_id"]: (row["testing_set"], row["answers"]) for row in rows}

    def get_truths(self, sha256s: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the codes of what is right by testing set."""
        rows = self._select(queries.select_truths, {"testing_sets": [*sha256s]})
        return {row["sha256"]: row["truths"] for row in rows}

    def _select(self, query: LiteralString, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


def group_by_testing_set(rows: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return rows by what they were tested on, in the order of each set's first row."""
    groups: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["testing_set"] or {}).get("digest"), []).append(row)
    return [*groups.values()]
