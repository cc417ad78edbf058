"""The ledger: every run and the state of each of its definitions, from planned to trained or failed."""

from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.errors import PipelineError
from pipeline.plans.definition import Definition
from pipeline.stores.database import Database

INSERT_RUN = """
INSERT INTO runs (run_id, plan, permutations) VALUES (%(run_id)s, %(plan)s, %(permutations)s)
ON CONFLICT (run_id) DO UPDATE SET plan = EXCLUDED.plan, permutations = EXCLUDED.permutations, closed_at = NULL
"""

SELECT_LABELS = "SELECT label FROM definitions WHERE run_id = %(run_id)s"

INSERT_DEFINITION = """
INSERT INTO definitions (run_id, label, position, definition)
VALUES (%(run_id)s, %(label)s, %(position)s, %(definition)s)
ON CONFLICT (run_id, label) DO NOTHING
"""

BEGIN_TRAINING = """
UPDATE definitions SET state = 'training', started_at = now(), ended_at = NULL, error = NULL
WHERE run_id = %(run_id)s AND label = %(label)s
RETURNING definition
"""

RECORD_ERROR = """
UPDATE definitions SET error = %(error)s, state = CASE WHEN %(final)s THEN 'failed' ELSE state END,
    ended_at = CASE WHEN %(final)s THEN now() ELSE ended_at END
WHERE run_id = %(run_id)s AND label = %(label)s
"""

CLOSE_RUN = """
WITH unfinished AS (
    UPDATE definitions SET state = 'failed', ended_at = now(),
        error = coalesce(error, 'its task ended without a result; the log of the task instance says why')
    WHERE run_id = %(run_id)s AND state IN ('planned', 'training')
)
UPDATE runs SET closed_at = now() WHERE run_id = %(run_id)s
"""

SELECT_RUNS = """
SELECT runs.run_id, runs.created_at, runs.closed_at, runs.permutations,
    count(definitions.label) AS definitions,
    count(*) FILTER (WHERE state = 'planned') AS planned,
    count(*) FILTER (WHERE state = 'training') AS training,
    count(*) FILTER (WHERE state = 'trained') AS trained,
    count(*) FILTER (WHERE state = 'failed') AS failed
FROM runs LEFT JOIN definitions USING (run_id)
WHERE %(run_id)s::text IS NULL OR run_id = %(run_id)s
GROUP BY runs.run_id ORDER BY runs.created_at DESC, runs.run_id LIMIT %(limit)s
"""

SELECT_DEFINITIONS = """
SELECT definitions.position, definitions.label, definitions.state, definitions.error, definitions.definition,
    definitions.started_at, definitions.ended_at, models.version, models.accuracy, models.macro_f1,
    models.scores -> 'accuracy_interval' AS accuracy_interval,
    (models.scores ->> 'baseline_accuracy')::double precision AS baseline_accuracy,
    models.training_seconds, models.size_bytes
FROM definitions LEFT JOIN models USING (run_id, label)
WHERE definitions.run_id = %(run_id)s
ORDER BY definitions.position
"""


class Ledger:
    """Runs and their definitions in the models database. Every write can be repeated."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open_run(self, run_id: str, plan: Any, permutations: int, definitions: list[Definition]) -> None:
        """Write a run and its definitions, all or none; definitions that stand already keep their state.

        Raises:
            PipelineError: the ledger holds a run of that id with other definitions.
        """
        rows = [
            {
                "run_id": run_id,
                "label": definition.label,
                "position": position,
                "definition": Jsonb(definition.to_dict()),
            }
            for position, definition in enumerate(definitions)
        ]
        with self.database.connection() as connection, connection.cursor() as cursor:
            cursor.execute(INSERT_RUN, {"run_id": run_id, "plan": Jsonb(plan), "permutations": permutations})
            labels = {label for (label,) in cursor.execute(SELECT_LABELS, {"run_id": run_id})}
            if labels and labels != {row["label"] for row in rows}:
                raise PipelineError(
                    "run",
                    f"the ledger holds {run_id!r} with other definitions",
                    next_step="trigger a run of another id",
                )
            cursor.executemany(INSERT_DEFINITION, rows)

    def begin_training(self, run_id: str, label: str) -> dict[str, Any]:
        """Mark a definition as being trained and return it.

        Raises:
            PipelineError: the ledger has no such definition in this run.
        """
        with self.database.connection() as connection:
            row = connection.execute(BEGIN_TRAINING, {"run_id": run_id, "label": label}).fetchone()
        if row is None:
            raise PipelineError(
                label, f"not in the ledger of run {run_id}", next_step="clear `expand_plan` to write it again"
            )
        definition: dict[str, Any] = row[0]
        return definition

    def record_error(self, run_id: str, label: str, error: str, *, final: bool) -> None:
        """Write why a try failed; `final` says that no other try will follow."""
        with self.database.connection() as connection:
            connection.execute(RECORD_ERROR, {"run_id": run_id, "label": label, "error": error, "final": final})

    def close_run(self, run_id: str) -> None:
        """Mark what is neither trained nor failed as failed, and the run as closed."""
        with self.database.connection() as connection:
            connection.execute(CLOSE_RUN, {"run_id": run_id})

    def list_runs(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest runs with the count of their definitions in each state."""
        return self._select_runs(None, limit)

    def get_run(self, run_id: str) -> dict[str, Any]:
        """Return one run with its counts.

        Raises:
            PipelineError: no such run.
        """
        found = self._select_runs(run_id, 1)
        if not found:
            raise PipelineError("run", f"there is no run {run_id!r}", next_step="see `pipeline runs list`")
        return found[0]

    def list_definitions(self, run_id: str) -> list[dict[str, Any]]:
        """Return a run's definitions in the plan's order, each with its state and, once trained, its scores."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SELECT_DEFINITIONS, {"run_id": run_id}).fetchall()

    def _select_runs(self, run_id: str | None, limit: int) -> list[dict[str, Any]]:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SELECT_RUNS, {"run_id": run_id, "limit": limit}).fetchall()
