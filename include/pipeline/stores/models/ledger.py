"""The ledger: every run, and the state of each of its definitions from planned to its final state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.errors import NotFoundError, PipelineError, TrainingError
from pipeline.stores.database import Cursor, Database
from pipeline.stores.queries import Queries

if TYPE_CHECKING:
    from pipeline.plans.expansion import Expansion  # which imports this module

FINAL_STATES = ("trained", "reused", "duplicate", "excluded", "stopped", "failed", "cancelled")
"""The final states of a permutation; in a closed run each has one of them."""

queries = Queries(Path(__file__).with_suffix(".sql"))

_NO_RESULT = "its task ended without a result; the log of the task instance says why"


class Assignment(NamedTuple):
    """What a task instance trains.

    Attributes:
        definition: the definition as a dict.
        seed: the run's seed.
        encoding: of the document, `json` or `binary`.
        metric: what models of the run are ranked by, as plans write it.
        examples_digest: of the examples that the run began with; None in runs of early versions.
        max_memory_mb: what the process may take; None: any amount.
    """

    definition: dict[str, Any]
    seed: int
    encoding: str
    metric: str
    examples_digest: str | None
    max_memory_mb: int | None


class CancelledError(TrainingError):
    """A definition that is cancelled in the ledger is neither trained nor stored."""

    def __init__(self, run_id: str, label: str, consequence: str) -> None:
        self.run_id = run_id
        self.consequence = consequence
        next_step = f"`pipeline runs resume {run_id}` trains it again"
        super().__init__(label, f"cancelled with its run, so {consequence}", next_step=next_step)

    def __reduce__(self) -> tuple[type["CancelledError"], tuple[str, str, str]]:  # type: ignore[override]
        return (type(self), (self.run_id, self.where, self.consequence))


class Ledger:
    """Runs and their definitions in the models database.

    Every write can be repeated without harm. Threads may share a ledger: each method is one transaction on a connection
    of its own. Database errors come out as `DatabaseUnavailableError`, which another try may pass.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def open_run(self, run_id: str, plan: Any, expansion: "Expansion", *, again: bool = True) -> list[str]:
        """Write a run with its exclusions and definitions.

        If the run exists, definitions that are being trained or have been keep their state. Reuse is decided again,
        because the examples may have changed.

        Args:
            run_id: Airflow's id of the run.
            plan: the plan as it was given, any JSON value.
            expansion: what the plan means.
            again: open it also if it is written already; otherwise it stays as it is.

        Returns:
            The labels to train, in the plan's order; none of a run that stays as it is.

        Raises:
            PipelineError: the ledger has a run of that id with other definitions.
        """
        settings = expansion.settings
        run = {
            "run_id": run_id,
            "plan": Jsonb(plan),
            "permutations": expansion.permutations,
            "repeated": expansion.repeated,
            "search": None if settings.search is None else Jsonb(settings.search.model_dump(mode="json")),
            "budgets": Jsonb(settings.budgets) if settings.budgets else None,
            "again": again,
        }
        run |= {name: getattr(settings, name) for name in ("seed", "encoding", "metric", "name", "note", "tags")}
        with self.database.connection() as connection, connection.cursor() as cursor:
            if not cursor.execute(queries.insert_run, run).rowcount:
                return []
            labels = {label for (label,) in cursor.execute(queries.select_labels, run)}
            if not labels:
                _insert_definitions(cursor, run_id, expansion)
            elif labels != {definition.label for definition in expansion.definitions}:
                raise PipelineError(
                    "run",
                    f"the ledger holds {run_id!r} with other definitions",
                    next_step="trigger a run with another id",
                )
            else:
                columns = run | _list_columns(expansion)
                cursor.execute(queries.forget_trials, columns)
                cursor.execute(queries.expand_again, columns)
            return [label for (label,) in cursor.execute(queries.select_labels_to_train, run)]

    def refuse_run(self, run_id: str, refusal: str) -> None:
        """Write a run whose plan was refused, and why; if it was accepted before, what has not begun fails for that."""
        row = {"run_id": run_id, "refusal": refusal}
        with self.database.connection() as connection:
            connection.execute(queries.insert_refused_run, row)
            connection.execute(queries.fail_planned, row)

    def begin_training(
        self, run_id: str, label: str, map_index: int | None = None, *, host: str | None = None, again: bool = True
    ) -> Assignment:
        """Mark a definition as being trained and return what to train; a closed run is opened again.

        Args:
            run_id: the run.
            label: the definition.
            map_index: of the task instance; None outside Airflow.
            host: the machine that trains.
            again: train it even if it was cancelled.

        Raises:
            CancelledError: it was cancelled, and `again` is false.
            PipelineError: the run has no such definition.
        """
        key = {"run_id": run_id, "label": label, "map_index": map_index, "host": host}
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, key)
            if not again and connection.execute(queries.select_state, key).fetchone() == ("cancelled",):
                raise CancelledError(run_id, label, "it is not trained")
            connection.execute(queries.reopen_run, key)
            row = connection.execute(queries.begin_training, key).fetchone()
        if row is None:
            raise PipelineError(
                label, f"not in the ledger of run {run_id}", next_step="clear `expand_plan` to write it again"
            )
        return Assignment(*row)

    def plan(self, run_id: str, label: str, *, again: bool) -> None:
        """Let a search go on with a definition that has ended without a model; others stay as they are.

        Args:
            again: also if it was cancelled.

        Raises:
            CancelledError: it was cancelled, and `again` is false.
        """
        key = {"run_id": run_id, "label": label}
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, key)
            state = connection.execute(queries.select_state, key).fetchone()
            if state == ("cancelled",) and not again:
                raise CancelledError(run_id, label, "it is not trained")
            if connection.execute(queries.plan_definition, key).rowcount:
                connection.execute(queries.reopen_run, key)

    def stop(self, run_id: str, label: str, reason: str, map_index: int | None = None) -> None:
        """Mark a definition as stopped by the search, and why; one that has ended stays as it is."""
        row = {"run_id": run_id, "label": label, "reason": reason, "map_index": map_index}
        with self.database.connection() as connection:
            connection.execute(queries.stop, row)

    def record_error(self, run_id: str, label: str, error: str, *, final: bool) -> None:
        """Write why a try failed; `final` means that no other try follows."""
        row = {"run_id": run_id, "label": label, "error": error, "final": final}
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, row)
            connection.execute(queries.record_error, row)
            connection.execute(queries.cancel_rest, row)

    def give_up(self, run_id: str, label: str) -> None:
        """Mark a definition as failed after its last try; the error that a try has written stays."""
        row = {"run_id": run_id, "label": label, "error": _NO_RESULT}
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, row)
            connection.execute(queries.give_up, row)
            connection.execute(queries.cancel_rest, row)

    def plan_again(self, run_id: str) -> None:
        """Open a run again and plan every definition that has no model, except those that the search has stopped."""
        key = {"run_id": run_id}
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, key)
            connection.execute(queries.plan_again, key)
            connection.execute(queries.restart_run, key)

    def close_run(self, run_id: str, *, cancelled: bool = False) -> None:
        """Close a run; definitions that have not ended become failed or cancelled."""
        state, error = ("cancelled", "the run was ended by hand") if cancelled else ("failed", _NO_RESULT)
        with self.database.connection() as connection:
            connection.execute(queries.hold_run, {"run_id": run_id})
            connection.execute(queries.close_run, {"run_id": run_id, "state": state, "error": error})

    def has_unfinished(self, run_id: str) -> bool:
        """Return whether a definition of a run is planned or being trained."""
        return self._ask(queries.has_unfinished, run_id)

    def is_settled(self, run_id: str) -> bool:
        """Return whether a run is closed and all its models are announced; False for an unknown run."""
        return self._ask(queries.is_settled, run_id)

    def list_open_runs(self) -> list[str]:
        """Return the ids of the open runs, oldest first."""
        with self.database.connection() as connection:
            return [run_id for (run_id,) in connection.execute(queries.select_open_runs)]

    def list_runs(
        self, limit: int = 50, offset: int = 0, *, tag: str | None = None, text: str | None = None
    ) -> list[dict[str, Any]]:
        """Return runs, newest first, with the number of permutations in each state.

        Args:
            tag: only runs with this tag.
            text: only runs whose id, name or note contains this text, in capital or small letters.
        """
        return self._select_runs(limit, offset, tag=tag, text=text)

    def count_runs(self, tag: str | None = None, text: str | None = None) -> int:
        """Return the number of runs that `list_runs` lists on all pages."""
        return int(self._select(queries.count_runs, {"tag": tag, "text": text})[0]["count"])

    def get_run(self, run_id: str) -> dict[str, Any]:
        """Return one run with its counts.

        Raises:
            NotFoundError: no such run.
        """
        found = self.find_run(run_id)
        if found is None:
            raise NotFoundError("run", f"there is no run {run_id!r}", next_step="see `pipeline runs list`")
        return found

    def find_run(self, run_id: str) -> dict[str, Any] | None:
        """Return one run with its counts, or None if there is no such run."""
        return next(iter(self._select_runs(1, run_id=run_id)), None)

    def list_definitions(self, run_id: str) -> list[dict[str, Any]]:
        """Return a run's definitions in the plan's order, each with its state and, if there is one, its model."""
        return self._select(queries.select_definitions, {"run_id": run_id})

    def list_exclusions(self, run_id: str) -> list[dict[str, Any]]:
        """Return the rules that excluded permutations of a run, with the number of each."""
        return [_with_integers(row) for row in self._select(queries.select_exclusions, {"run_id": run_id})]

    def _ask(self, query: LiteralString, run_id: str) -> bool:
        with self.database.connection() as connection:
            row = connection.execute(query, {"run_id": run_id}).fetchone()
        return row is not None and bool(row[0])

    def _select_runs(self, limit: int, offset: int = 0, **wanted: str | None) -> list[dict[str, Any]]:
        every = {"run_id": None, "tag": None, "text": None}
        rows = self._select(queries.select_runs, every | wanted | {"limit": limit, "offset": offset})
        return [_with_integers(row) for row in rows]

    def _select(self, query: LiteralString, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


def _insert_definitions(cursor: Cursor, run_id: str, expansion: "Expansion") -> None:
    for position, exclusion in enumerate(expansion.exclusions):
        row = {"position": position, "rule": Jsonb(exclusion.rule), "permutations": exclusion.permutations}
        cursor.execute(queries.insert_exclusion, row | {"run_id": run_id})
    with cursor.copy(queries.copy_definitions) as copy:
        for position, definition in enumerate(expansion.definitions):
            label = definition.label
            digest = expansion.examples.get(definition.dataset.canonical)
            ends = (expansion.state(label), expansion.duplicates.get(label), expansion.reused.get(label))
            copy.write_row((run_id, label, position, definition.text, digest, *ends))


def _list_columns(expansion: "Expansion") -> dict[str, list[Any]]:
    """Return the definitions of an expansion by column."""
    definitions = expansion.definitions
    labels = [definition.label for definition in definitions]
    return {
        "labels": labels,
        "digests": [expansion.examples.get(definition.dataset.canonical) for definition in definitions],
        "states": [expansion.state(label) for label in labels],
        "originals": [expansion.duplicates.get(label) for label in labels],
        "models": [expansion.reused.get(label) for label in labels],
    }


def _with_integers(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with integer counts: psycopg returns PostgreSQL's numeric as Decimal."""
    counts = ("permutations", "duplicate", "excluded")
    return row | {name: int(row[name]) for name in counts if name in row}
