"""Stored models: an adapter and a model as one document, with definition, scores and lineage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.errors import TrainingError
from pipeline.examples.answers import SealedAnswers
from pipeline.serialisation.document import SplitDocument
from pipeline.stores.database import Connection, Database
from pipeline.stores.models.ledger import CancelledError
from pipeline.stores.models.notifications import reopen_notification
from pipeline.stores.models.read import no_model, read_document
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

# PostgreSQL accepts neither values nor messages of a gigabyte.
MAX_DOCUMENT_BYTES = 2**29


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The result of one training.

    Attributes:
        answers: on the testing set.
        validation_answers: on the examples that choose the best model; None if the testing set chooses.
        metric: what models of the run are ranked by, as plans write it.
        step_seconds: the duration of each step.
        curves: of its probabilities, see `training/curves.py`; None if it gives none.
    """

    run_id: str
    label: str
    definition: dict[str, Any]
    document: SplitDocument
    scores: dict[str, Any]
    answers: SealedAnswers
    lineage: dict[str, Any]
    step_seconds: dict[str, float]
    validation_answers: SealedAnswers | None = None
    metric: str = "accuracy"
    curves: dict[str, Any] | None = None


class ModelsStore:
    """The models table, and the definition that each model completes. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, model: TrainedModel) -> int:
        """Store a model and mark its definition as trained, in one transaction; return the model's version.

        A label has one row per run: another training of it replaces the model and keeps the version.

        Raises:
            CancelledError: the run has been cancelled; nothing is stored.
            TrainingError: the document is too large; nothing is stored.
        """
        document = model.document
        largest = max(len(document.rest), len(document.adapter or b""))
        if largest > MAX_DOCUMENT_BYTES:
            raise TrainingError(
                model.label,
                f"a part of its document has {largest:,} bytes",
                f"at most {MAX_DOCUMENT_BYTES:,}",
                "choose a smaller sequence_length or vector_size, fewer features or trees, or the binary encoding",
            )
        key = {"run_id": model.run_id, "label": model.label, "document_sha256": document.sha256}
        chosen_by = model.validation_answers
        row = key | {
            "definition": Jsonb(model.definition),
            "adapter_sha256": document.adapter_sha256,
            "size_bytes": document.size_bytes,
            "scores": Jsonb(model.scores),
            "curves": None if model.curves is None else Jsonb(model.curves),
            "testing_set": model.answers.testing_set,
            "answers": model.answers.answers,
            "validation_set": chosen_by and chosen_by.testing_set,
            "validation_answers": chosen_by and chosen_by.answers,
            "shares": (chosen_by or model.answers).shares,
            "metric": model.metric,
            "lineage": Jsonb(model.lineage),
            "step_seconds": Jsonb(model.step_seconds),
            "training_seconds": sum(model.step_seconds.values()),
        }
        row |= _fill_columns(document.encoding, document.rest)
        with self.database.connection() as connection:
            connection.execute(queries.lock_label, key)
            if connection.execute(queries.hold_definition, key).fetchone() == ("cancelled",):
                raise CancelledError(model.run_id, model.label, "its model is not stored")
            replaced = _store_adapter(connection, key, document)
            store_testing_set(connection, model.answers)
            if chosen_by is not None:
                store_testing_set(connection, chosen_by)
            announced = connection.execute(queries.find_outdated_notification, row).fetchone()
            stored = connection.execute(queries.upsert_model, row).fetchone()
            if replaced is not None:
                connection.execute(queries.delete_unused_adapter, {"sha256": replaced})
            connection.execute(queries.mark_trained, key)
            if announced is not None:
                reopen_notification(connection, announced[0])
        assert stored is not None  # noqa: S101 - an upsert returns its row
        return int(stored[1])

    def find_stored(self, wanted: Mapping[str, str], seed: int, metric: str = "accuracy") -> dict[str, int]:
        """Return the newest stored models that can be reused.

        Args:
            wanted: digests of the selected examples by label.
            seed: the seed that they must have been trained with.
            metric: what they will be ranked by, as plans write it.

        Returns:
            Model ids by label; labels without such a model are left out.
        """
        parameters = {"labels": [*wanted], "digests": [*wanted.values()], "seed": seed, "metric": metric}
        with self.database.connection() as connection:
            return dict(connection.execute(queries.find_stored, parameters).fetchall())

    def list_timings(self) -> dict[tuple[str, str], tuple[int, float]]:
        """Return the number of models by adapter and model, and their median training seconds per example."""
        with self.database.connection() as connection:
            rows = connection.execute(queries.select_timings).fetchall()
        return {(adapter, model): (count, seconds) for adapter, model, count, seconds in rows}

    def list_timings_of(self, labels: Sequence[str]) -> dict[str, float]:
        """Return the training seconds per example of the newest model of each label."""
        with self.database.connection() as connection:
            return dict(connection.execute(queries.select_timings_of_labels, {"labels": [*labels]}).fetchall())

    def list_models(
        self, run_id: str | None = None, limit: int = 100, *, retired: bool = False
    ) -> list[dict[str, Any]]:
        """Return models without documents by testing set, newest set first, the most accurate first in each.

        Args:
            run_id: only models of this run.
            limit: how many at most.
            retired: those that are retired, instead of the others.
        """
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                queries.select_models, {"run_id": run_id, "limit": limit, "retired": retired}
            ).fetchall()

    def list_newest(
        self, run_id: str | None = None, label: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[dict[str, Any]]:
        """Return one page of models without documents, newest first; `total` of each row is the number of all."""
        parameters = {"run_id": run_id, "label": label, "limit": limit, "offset": offset}
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_newest_models, parameters).fetchall()

    def get_model(self, label: str, version: int | None = None) -> dict[str, Any]:
        """Return everything about a model except its document; by default the newest version.

        Raises:
            NotFoundError: no such model.
        """
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(queries.select_model, {"label": label, "version": version}).fetchone()
        if found is None:
            raise no_model(label, version)
        return found

    def get_curves(self, label: str, version: int | None = None) -> dict[str, Any] | None:
        """Return the curves of a model's probabilities, see `TrainedModel`; by default of the newest version.

        Raises:
            NotFoundError: no such model.
        """
        with self.database.connection() as connection:
            row = connection.execute(queries.select_curves, {"label": label, "version": version}).fetchone()
        if row is None:
            raise no_model(label, version)
        curves: dict[str, Any] | None = row[0]
        return curves

    def list_answers(self, models: Sequence[tuple[str, int]]) -> list[SealedAnswers | None]:
        """Return the sealed answers of models, given by label and version; None for a model without stored answers."""
        labels, versions = [label for label, _ in models], [version for _, version in models]
        with self.database.connection() as connection:
            rows = connection.execute(queries.select_answers, {"labels": labels, "versions": versions}, binary=True)
            found = {(label, version): SealedAnswers(*answers) for label, version, *answers in rows}
        return [found.get(each) for each in models]

    def get_document(self, label: str, version: int | None = None) -> SplitDocument:
        """Return a model's stored document; by default the newest version.

        Raises:
            NotFoundError: no such model.
            DocumentError: its SHA-256 or its adapter's is not the one that was stored with it.
        """
        return read_document(self.database, label, version)


def _fill_columns(encoding: str, data: bytes) -> dict[str, Any]:
    """Return a document's column values: JSON as text, on which PostgreSQL's functions work, or bytes."""
    binary = encoding == "binary"
    return {"document": None if binary else data.decode(), "binary_document": data if binary else None}


def _store_adapter(connection: Connection, key: dict[str, Any], document: SplitDocument) -> bytes | None:
    """Store a document's adapter unless it is stored undamaged; return the row's previous adapter if it was another."""
    named = connection.execute(queries.select_adapter, key).fetchone()
    before, now = named[0] if named else None, document.adapter_sha256
    for sha256 in sorted({each for each in (before, now) if each is not None}):
        connection.execute(queries.lock_adapter, {"sha256": sha256})
    row = {"sha256": now}
    if document.adapter is not None and connection.execute(queries.is_adapter_whole, row).fetchone() != (True,):
        row |= _fill_columns(document.encoding, document.adapter) | {"size_bytes": len(document.adapter)}
        connection.execute(queries.store_adapter, row)
    return None if before == now else before


def store_testing_set(connection: Connection, answers: SealedAnswers) -> None:
    """Store the ids and right answers of a testing set, unless they are stored already."""
    row = {"sha256": answers.testing_set}
    if connection.execute(queries.has_testing_set, row).fetchone() is None:
        connection.execute(queries.insert_testing_set, row | {"examples": answers.examples, "truths": answers.truths})
