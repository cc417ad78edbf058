"""The leaderboard of one run or of all: definitions with their state and, if there is one, their model."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

_COLUMNS = (
    "score", "accuracy", "macro_f1", "gain", "training_seconds", "size_bytes", "created_at", "label", "state", "run_id",
)  # fmt: skip
ORDERS = tuple(sign + column for column in _COLUMNS for sign in ("", "-"))
"""The orders of the leaderboard; `-` before a column is descending. `-score` is the best by the metric first."""


@dataclass(frozen=True)
class Filter:
    """Which definitions to list; an empty attribute filters nothing.

    Attributes:
        runs: ids of runs. Without any, each model is listed once, under the run that trained it.
        states: states of definitions.
        datasets: names of datasets.
        adapters: names of adapters.
        models: names of models.
        text: text that the label contains, in any case.
        options: alternatives for each option, as parts of a definition:
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
        """The parameters of the queries."""
        values = asdict(self)
        options = values.pop("options")
        return {name: (value if isinstance(value, str) else [*value]) or None for name, value in values.items()} | {
            "options": Jsonb(options)
        }


class Answers(NamedTuple):
    """A model's sealed answers to the examples that choose the best model.

    Attributes:
        digest: as `Leaderboard.get_digests` returns it.
        examples: the SHA-256 of the validation set or, without one, of the testing set.
        codes: see `SealedAnswers.answers`.
        metric: what the model's run ranks by, as plans write it.
        shares: what each answer adds to this metric, see `SealedAnswers.shares`.
    """

    digest: bytes
    examples: bytes
    codes: bytes
    metric: str
    shares: bytes | None


class Leaderboard:
    """Definitions and their models; no documents are read. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def list_definitions(
        self, wanted: Filter, order: str = "-score", limit: int = 50, offset: int = 0, metric: str = "accuracy"
    ) -> list[dict[str, Any]]:
        """Return one page of definitions.

        Args:
            wanted: the filter.
            order: one of `ORDERS`.
            limit: the most rows to return.
            offset: the number of rows to skip.
            metric: what models are ranked by, as plans write it.

        Returns:
            Rows in which `rank` and `best_model_id` are among all filtered models that were chosen and tested on the
            same examples, and `compared` is their number; `score` and `deviation` are those of the metric on the
            examples that choose; `map_index` is the task instance that trained the model. None is unknown.

        Raises:
            ValueError: no such order.
        """
        if order not in ORDERS:
            raise ValueError(f"no order {order!r}, only {', '.join(ORDERS)}")
        sort = {"sort": order.removeprefix("-"), "descending": order.startswith("-")}
        page = {"limit": limit, "offset": offset, "metric": metric}
        return self._select(queries.select_leaderboard, wanted.parameters | sort | page)

    def find_metric(self, wanted: Filter) -> str:
        """Return the metric of the one run that is wanted, as plans write it; accuracy for several runs or all."""
        if len(wanted.runs) != 1:
            return "accuracy"
        rows = self._select(queries.select_metric, {"run_id": next(iter(wanted.runs))})
        return str(rows[0]["metric"]) if rows else "accuracy"

    def count_states(self, wanted: Filter) -> dict[str, int]:
        """Return the number of definitions in each state."""
        return {row["state"]: row["count"] for row in self._select(queries.count_states, wanted.parameters)}

    def list_choices(self, wanted: Filter) -> dict[str, Any]:
        """Return the values to filter by: names by section with their counts, and options that differ."""
        names: dict[str, dict[str, int]] = {"dataset": {}, "adapter": {}, "model": {}}
        for row in self._select(queries.select_names, wanted.parameters):
            names[row["section"]][row["name"]] = row["count"]
        return names | {"options": self._select(queries.select_options, wanted.parameters)}

    def get_digests(self, model_ids: Collection[int]) -> dict[int, bytes]:
        """Return a digest of what decides the answers of models by id; models without stored answers are left out.

        As long as a model has the same digest, it has the same answers.
        """
        rows = self._select(queries.select_digests, {"model_ids": [*model_ids]})
        return {row["model_id"]: row["digest"] for row in rows}

    def get_answers(self, model_ids: Collection[int]) -> dict[int, Answers]:
        """Return the sealed answers of models to what chooses, by id; models without stored answers are left out."""
        rows = self._select(queries.select_answers, {"model_ids": [*model_ids]})
        return {row.pop("model_id"): Answers(**row) for row in rows}

    def get_truths(self, sha256s: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the codes of the right answers by testing set."""
        rows = self._select(queries.select_truths, {"testing_sets": [*sha256s]})
        return {row["sha256"]: row["truths"] for row in rows}

    def _select(self, query: LiteralString, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


def group_by_sets(
    rows: Iterable[dict[str, Any]], sets: Sequence[str] = ("testing_set", "validation_set")
) -> list[list[dict[str, Any]]]:
    """Group rows by the sets of examples that they have in common, in the order of each group's first row."""
    groups: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = tuple((row[name] or {}).get("digest") for name in sets)
        groups.setdefault(key, []).append(row)
    return [*groups.values()]
