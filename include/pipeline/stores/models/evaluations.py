"""Stored models that were scored on a testing set after their training: `evaluations.sql`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.examples.answers import SealedAnswers
from pipeline.stores.database import Database
from pipeline.stores.models.read import no_model
from pipeline.stores.models.store import store_testing_set
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One model's answers to a testing set, and how good they are.

    Attributes:
        run_id: Airflow's id of the run that evaluated.
        label, version: the model.
        document_sha256: of the document that answered.
        dataset: the block whose testing set was answered; None if it was every example of a span.
        collection: of the examples.
        examples: the digest, count, first and last of the examples, as a lineage has them, and how many of them are
            `unknown` (of a class that the model does not know) and `perhaps_trained` (perhaps in its training set).
        answers: to these examples.
        scores: of these answers.
        seconds: from reading the document to the scores.
    """

    run_id: str
    label: str
    version: int
    document_sha256: bytes
    dataset: dict[str, Any] | None
    collection: str
    examples: dict[str, Any]
    answers: SealedAnswers
    scores: dict[str, Any]
    seconds: float


class Trained(NamedTuple):
    """What is known of the examples that trained a model.

    Attributes:
        collection: that they are from; None if it is unknown.
        examples: what its lineage says about them; None for models of early versions.
        marks: of the model.
        tested: the ids of its testing set, 16 bytes each, see `SealedAnswers`; None if they are not stored.
    """

    collection: str | None
    examples: dict[str, Any] | None
    marks: list[str]
    tested: bytes | None


class Answered(NamedTuple):
    """Answers to a testing set, and their scores."""

    answers: SealedAnswers
    scores: dict[str, Any]


class EvaluationsStore:
    """The evaluations of stored models. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, evaluation: Evaluation) -> int:
        """Store an evaluation and return its id; a run has one of each model, so a second try replaces the first.

        Raises:
            NotFoundError: the model has been deleted.
        """
        row = {
            "run_id": evaluation.run_id,
            "label": evaluation.label,
            "version": evaluation.version,
            "document_sha256": evaluation.document_sha256,
            "dataset": None if evaluation.dataset is None else Jsonb(evaluation.dataset),
            "collection": evaluation.collection,
            "examples": Jsonb(evaluation.examples),
            "testing_set": evaluation.answers.testing_set,
            "answers": evaluation.answers.answers,
            "scores": Jsonb(evaluation.scores),
            "seconds": evaluation.seconds,
        }
        with self.database.connection() as connection:
            store_testing_set(connection, evaluation.answers)
            stored = connection.execute(queries.upsert_evaluation, row).fetchone()
            if stored is None:
                raise no_model(evaluation.label, evaluation.version)
        return int(stored[0])

    def list_newest(
        self,
        run_id: str | None = None,
        label: str | None = None,
        version: int | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Return one page of evaluations, newest first; `total` of each row is the number of all."""
        wanted = {"run_id": run_id, "label": label, "version": version, "limit": limit, "offset": offset}
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_evaluations, wanted).fetchall()

    def list_answered(self, models: Sequence[tuple[str, int]]) -> list[dict[bytes, dict[str, Any]]]:
        """Return for each model, given by label and version, the testing sets that it has answered.

        Returns:
            By the SHA-256 of the sealed testing set: `testing_set` as models have it, `own` if the model was trained
            with it, the `evaluation_id` otherwise, and `evaluated_at`.
        """
        wanted = {"labels": [label for label, _ in models], "versions": [version for _, version in models]}
        found: list[dict[bytes, dict[str, Any]]] = [{} for _ in models]
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            for row in cursor.execute(queries.select_answered, wanted):
                found[row.pop("place") - 1][bytes(row.pop("sha256"))] = row
        return found

    def get_answers(self, evaluation_ids: Sequence[int]) -> dict[int, Answered]:
        """Return what was answered in these evaluations, by their ids."""
        with self.database.connection() as connection:
            rows = connection.execute(queries.select_evaluation_answers, {"evaluation_ids": [*evaluation_ids]})
            return {number: Answered(SealedAnswers(*answers), scores) for number, *answers, scores in rows}

    def get_trained(self, label: str, version: int) -> Trained:
        """Return what is known of the examples that trained a model.

        Raises:
            NotFoundError: there is no such model.
        """
        with self.database.connection() as connection:
            row = connection.execute(queries.select_known_examples, {"label": label, "version": version}).fetchone()
        if row is None:
            raise no_model(label, version)
        return Trained(*row)
