"""Stored models: an adapter-model pair as a document, with its definition, scores and lineage."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.errors import PipelineError, TrainingError
from pipeline.stores.database import Database

# PostgreSQL takes no value and no message of a gigabyte.
MAX_DOCUMENT_BYTES = 2**29

LOCK_LABEL = "SELECT pg_advisory_xact_lock(hashtextextended(%(label)s, 0))"

# A version is given once: a second try of the same run and label keeps the first one's.
UPSERT_MODEL = """
INSERT INTO models (label, version, run_id, definition, document, document_sha256, size_bytes, scores, lineage,
    step_seconds, training_seconds)
SELECT %(label)s, coalesce(max(version), 0) + 1, %(run_id)s, %(definition)s, %(document)s, %(document_sha256)s,
    %(size_bytes)s, %(scores)s, %(lineage)s, %(step_seconds)s, %(training_seconds)s
FROM models WHERE label = %(label)s
ON CONFLICT (run_id, label) DO UPDATE SET document = EXCLUDED.document, size_bytes = EXCLUDED.size_bytes,
    document_sha256 = EXCLUDED.document_sha256, scores = EXCLUDED.scores, lineage = EXCLUDED.lineage,
    step_seconds = EXCLUDED.step_seconds, training_seconds = EXCLUDED.training_seconds
RETURNING model_id, version
"""

# What was announced is no longer what is stored when a definition was cleared and trained on other examples.
REOPEN_NOTIFICATION = """
UPDATE notifications SET published_at = NULL FROM models
WHERE notifications.model_id = models.model_id AND models.run_id = %(run_id)s AND models.label = %(label)s
    AND (models.document_sha256 <> %(document_sha256)s OR models.scores <> %(scores)s)
"""

MARK_TRAINED = """
UPDATE definitions SET state = 'trained', ended_at = now(), error = NULL
WHERE run_id = %(run_id)s AND label = %(label)s
"""

SELECT_MODELS = """
SELECT label, version, run_id, accuracy, macro_f1, scores -> 'accuracy_interval' AS accuracy_interval,
    (scores ->> 'baseline_accuracy')::double precision AS baseline_accuracy, training_seconds, size_bytes,
    created_at
FROM models WHERE %(run_id)s::text IS NULL OR run_id = %(run_id)s
ORDER BY accuracy DESC, macro_f1 DESC, label, version DESC LIMIT %(limit)s
"""

SELECT_MODEL = """
SELECT label, version, run_id, definition, scores, lineage, step_seconds, training_seconds, size_bytes, created_at
FROM models WHERE label = %(label)s AND (%(version)s::integer IS NULL OR version = %(version)s)
ORDER BY version DESC LIMIT 1
"""

SELECT_DOCUMENT = """
SELECT document FROM models
WHERE label = %(label)s AND (%(version)s::integer IS NULL OR version = %(version)s)
ORDER BY version DESC LIMIT 1
"""

# Whatever the version of the code: the same recipe, seed and examples.
FIND_STORED = """
SELECT DISTINCT ON (label) label, model_id
FROM unnest(%(labels)s::text[], %(digests)s::text[]) AS wanted (label, digest)
JOIN models USING (label)
WHERE lineage #>> '{examples,digest}' = digest AND (lineage ->> 'seed')::bigint = %(seed)s
ORDER BY label, version DESC
"""

# Seconds for each example, training and testing together; the median, for one slow machine must not decide.
SELECT_TIMINGS = """
SELECT definition #>> '{adapter,name}', definition #>> '{model,name}', count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY training_seconds / (
        (lineage #>> '{examples,training,count}')::integer + (lineage #>> '{examples,testing,count}')::integer
    ))
FROM models GROUP BY 1, 2
"""

SELECT_TIMINGS_OF_LABELS = """
SELECT DISTINCT ON (label) label, training_seconds / (
    (lineage #>> '{examples,training,count}')::integer + (lineage #>> '{examples,testing,count}')::integer
)
FROM models WHERE label = ANY(%(labels)s) ORDER BY label, version DESC
"""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What one training leaves behind. `document` is JSON text; `step_seconds` maps each step to its duration."""

    run_id: str
    label: str
    definition: dict[str, Any]
    document: str
    scores: dict[str, Any]
    lineage: dict[str, Any]
    step_seconds: dict[str, float]


class ModelsStore:
    """The models table, and the ledger row that each model completes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, model: TrainedModel) -> int:
        """Store a model and mark its definition trained, both or neither; return the model's version.

        The same label of the same run is one row, however often it is trained.

        Raises:
            TrainingError: the document is too large to be stored.
        """
        document = model.document.encode()
        if len(document) > MAX_DOCUMENT_BYTES:
            raise TrainingError(
                model.label,
                f"its document has {len(document):,} bytes",
                f"at most {MAX_DOCUMENT_BYTES:,}",
                "choose a smaller sequence_length or vector_size, or pooling mean",
            )
        key = {
            "run_id": model.run_id,
            "label": model.label,
            "document_sha256": hashlib.sha256(document).digest(),
        }
        row = key | {
            "definition": Jsonb(model.definition),
            "document": model.document,
            "size_bytes": len(document),
            "scores": Jsonb(model.scores),
            "lineage": Jsonb(model.lineage),
            "step_seconds": Jsonb(model.step_seconds),
            "training_seconds": sum(model.step_seconds.values()),
        }
        with self.database.connection() as connection:
            connection.execute(LOCK_LABEL, key)
            connection.execute(REOPEN_NOTIFICATION, row)
            stored = connection.execute(UPSERT_MODEL, row).fetchone()
            connection.execute(MARK_TRAINED, key)
        assert stored is not None  # noqa: S101 - an upsert returns its row
        return int(stored[1])

    def find_stored(self, wanted: Mapping[str, str], seed: int) -> dict[str, int]:
        """Return the newest models that need not be trained again.

        Args:
            wanted: the digest of the examples that a definition selects, by the definition's label.
            seed: what they must have been trained with.

        Returns:
            The model's id by label, for those that there are.
        """
        parameters = {"labels": [*wanted], "digests": [*wanted.values()], "seed": seed}
        with self.database.connection() as connection:
            return dict(connection.execute(FIND_STORED, parameters).fetchall())

    def list_timings(self) -> dict[tuple[str, str], tuple[int, float]]:
        """Return how many models there are of each adapter and model, and their median seconds for one example."""
        with self.database.connection() as connection:
            rows = connection.execute(SELECT_TIMINGS).fetchall()
        return {(adapter, model): (count, seconds) for adapter, model, count, seconds in rows}

    def list_timings_of(self, labels: Sequence[str]) -> dict[str, float]:
        """Return the seconds that one example took when each of these labels was last trained."""
        with self.database.connection() as connection:
            return dict(connection.execute(SELECT_TIMINGS_OF_LABELS, {"labels": [*labels]}).fetchall())

    def list_models(self, run_id: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return models without their documents, the most accurate first."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SELECT_MODELS, {"run_id": run_id, "limit": limit}).fetchall()

    def get_model(self, label: str, version: int | None = None) -> dict[str, Any]:
        """Return all of one model but its document; the newest version where none is named.

        Raises:
            PipelineError: no such model.
        """
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(SELECT_MODEL, {"label": label, "version": version}).fetchone()
        if found is None:
            raise _no_model(label, version)
        return found

    def get_document(self, label: str, version: int | None = None) -> str:
        """Return one model's document as JSON text; the newest version where none is named.

        Raises:
            PipelineError: no such model.
        """
        with self.database.connection() as connection:
            found = connection.execute(SELECT_DOCUMENT, {"label": label, "version": version}).fetchone()
        if found is None:
            raise _no_model(label, version)
        return str(found[0])


def _no_model(label: str, version: int | None) -> PipelineError:
    wanted = f"label {label!r}" if version is None else f"label {label!r} in version {version}"
    return PipelineError("model", f"there is no {wanted}", next_step="see `pipeline models list`")
