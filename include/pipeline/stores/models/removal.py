"""Delete, retire and return models: by hand, or as a policy says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from psycopg.rows import dict_row

from pipeline.errors import PipelineError
from pipeline.stores.author import Author
from pipeline.stores.database import Connection, Database
from pipeline.stores.models.read import MARK, DeletedError, read_target
from pipeline.stores.queries import Queries
from pipeline.stores.rewrite import rewrite

queries = Queries(Path(__file__).with_suffix(".sql"))

TABLES: Final = ("models", "adapter_documents", "testing_sets", "notifications", "evaluations")
"""What has rows of models."""


class RemovalStore:
    """What takes models away. Each change is one transaction: all of it happens, or nothing. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def delete(self, references: Sequence[str], author: Author, *, with_aliases: bool = False) -> list[dict[str, Any]]:
        """Delete model versions with all that is only theirs: adapter, answers, testing set, notification.

        Their runs keep their definitions, which say who deleted the model and why.

        Args:
            references: of each model, as `read_target` takes them.
            author: who deletes them, and why.
            with_aliases: also remove the aliases that point at them.

        Returns:
            The deleted models: `label`, `version`, `run_id`, `size_bytes`; without those that were deleted before.

        Raises:
            NotFoundError: there never was such a model.
            PipelineError: an alias points at one of them, and `with_aliases` is false.
        """
        ids = self._find(references, or_deleted=True)
        with self.database.connection() as connection:
            return delete_models(connection, ids, author, with_aliases=with_aliases)

    def name(self, references: Sequence[str]) -> list[str]:
        """Return the models that references mean, as `label@3`, without those that were deleted before.

        Raises: as `delete`.
        """
        with self.database.connection() as connection:
            held = _hold(connection, self._find(references, or_deleted=True))
        return [f"{row['label']}{MARK}{row['version']}" for row in held]

    def retire(self, references: Sequence[str], author: Author) -> list[tuple[str, int]]:
        """Retire models: they stay stored, but no list, leaderboard or reuse offers them.

        Returns:
            The label and version of each; one that was retired already keeps its reason.

        Raises:
            NotFoundError: there is no such model.
            PipelineError: an alias points at one of them.
        """
        ids = self._find(references)
        with self.database.connection() as connection:
            held = _hold(connection, ids)
            _refuse_aliases(connection, ids, "retired")
            changed = [row["model_id"] for row in held if row["retired_at"] is None]
            connection.execute(queries.retire, {"ids": changed} | _who(author))
            _explain(connection, changed, _describe("retired", author))
        return [(row["label"], row["version"]) for row in held]

    def bring_back(self, references: Sequence[str]) -> list[tuple[str, int]]:
        """Take back that models were retired; return the label and version of each.

        Raises:
            NotFoundError: there is no such model.
        """
        ids = self._find(references)
        with self.database.connection() as connection:
            held = _hold(connection, ids)
            changed = [row["model_id"] for row in held if row["retired_at"] is not None]
            connection.execute(queries.bring_back, {"ids": changed})
            _explain(connection, changed, None)
        return [(row["label"], row["version"]) for row in held]

    def list_deleted(self, limit: int) -> list[dict[str, Any]]:
        """Return the models that were deleted last, the last first."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_deleted, {"limit": limit}).fetchall()

    def rewrite(self) -> None:
        """Write the tables of models anew, so that nothing of deleted rows is left in their files; others wait."""
        rewrite(self.database, TABLES)

    def list_trained_on(self, collection: str, moments: Sequence[datetime]) -> list[dict[str, Any]]:
        """Return the models whose examples are of a collection and a time that includes any of these moments.

        They may have been trained or tested on an example of that moment: which examples of that time they had, if not
        all, is not stored.

        Returns:
            `model_id`, `label`, `version`, `run_id` and `aliases` of each.
        """
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            parameters = {"collection": collection, "moments": [*moments]}
            return cursor.execute(queries.select_trained_on, parameters).fetchall()

    def delete_evaluations_of(self, collection: str, moments: Sequence[datetime]) -> int:
        """Delete the evaluations on examples of a collection and a time that includes any of these moments."""
        with self.database.connection() as connection:
            parameters = {"collection": collection, "moments": [*moments]}
            testing_sets = connection.execute(queries.delete_evaluations_of, parameters).fetchall()
            collect(connection, set(), {each for (each,) in testing_sets})
        return len(testing_sets)

    def delete_ids(self, ids: Sequence[int], author: Author, *, with_aliases: bool = False) -> list[dict[str, Any]]:
        """Delete models by their ids, as `delete` does; those that are gone already are left out."""
        with self.database.connection() as connection:
            return delete_models(connection, ids, author, with_aliases=with_aliases)

    def _find(self, references: Sequence[str], *, or_deleted: bool = False) -> list[int]:
        """Return the ids of models. A label alone is enough only if it has one version: the newest may not be meant.

        Raises:
            NotFoundError: there is no such model.
            PipelineError: a label has several versions.
        """
        with self.database.kept_open():
            for reference in references:
                if MARK not in reference:
                    self._refuse_several(reference)
            named = []
            for reference in references:
                try:
                    named.append(read_target(self.database, reference)[:2])
                except DeletedError:
                    if not or_deleted:
                        raise
            labels, versions = [label for label, _ in named], [version for _, version in named]
            with self.database.connection() as connection:
                rows = connection.execute(queries.find_versions, {"labels": labels, "versions": versions})
                return [model_id for (model_id,) in rows]

    def _refuse_several(self, label: str) -> None:
        with self.database.connection() as connection:
            versions = [version for (version,) in connection.execute(queries.select_versions, {"label": label})]
        if len(versions) > 1:
            listed = ", ".join(f"{label}{MARK}{version}" for version in versions)
            raise PipelineError(label, f"has {len(versions)} versions", listed, "name each that you mean")


def delete_models(
    connection: Connection,
    ids: Sequence[int],
    author: Author,
    *,
    with_aliases: bool = False,
    unless_aliased: bool = False,
) -> list[dict[str, Any]]:
    """Delete models within the connection's transaction; those that are gone already are left out.

    Args:
        ids: of the models.
        author: who deletes them, and why.
        with_aliases: also remove the aliases that point at them.
        unless_aliased: keep those that an alias points at, instead of refusing all.

    Returns, Raises: as `RemovalStore.delete`.
    """
    aliases = _lock_aliases(connection, ids) if with_aliases else []  # before the models, as a move of an alias does
    held = _hold(connection, ids)
    if unless_aliased:
        aliased = {model_id for *_, model_id in connection.execute(queries.select_pointing, {"ids": [*ids]})}
        held = [row for row in held if row["model_id"] not in aliased]
    ids = [row["model_id"] for row in held]
    if aliases:  # otherwise it needs no right to move any
        connection.execute(queries.remove_aliases, {"ids": ids, "aliases": aliases} | _who(author))
    _refuse_aliases(connection, ids, "deleted")
    connection.execute(queries.note_deleted, {"ids": ids} | _who(author))
    _explain(connection, ids, _describe("deleted", author))
    evaluated = connection.execute(queries.select_evaluated, {"ids": ids}).fetchall()
    used = connection.execute(queries.delete_models, {"ids": ids}).fetchall()
    adapters = {adapter for adapter, *_ in used if adapter is not None}
    testing_sets = {each for _, *sets in used for each in sets if each is not None}
    collect(connection, adapters, testing_sets | {each for (each,) in evaluated})
    return held


def collect(connection: Connection, adapters: set[bytes], testing_sets: set[bytes]) -> None:
    """Delete those of these adapters and testing sets that nothing needs any more."""
    connection.execute(queries.lock_adapters, {"adapters": [*adapters]})
    connection.execute(queries.delete_unused_adapters, {"adapters": [*adapters]})
    connection.execute(queries.hold_testing_sets, {"testing_sets": [*testing_sets]})
    connection.execute(queries.delete_unused_testing_sets, {"testing_sets": [*testing_sets]})


def _hold(connection: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(queries.hold_models, {"ids": [*ids]}).fetchall()


def _lock_aliases(connection: Connection, ids: Sequence[int]) -> list[str]:
    """Lock the aliases that point at any of these models, and return them."""
    aliases = [alias for alias, *_ in connection.execute(queries.select_pointing, {"ids": [*ids]})]
    connection.execute(queries.lock_aliases, {"aliases": aliases})
    return aliases


def _who(author: Author) -> dict[str, str]:
    return {"author": author.name, "reason": author.reason}


def _refuse_aliases(connection: Connection, ids: Sequence[int], verb: str) -> None:
    pointing = connection.execute(queries.select_pointing, {"ids": [*ids]}).fetchall()
    if pointing:
        named = ", ".join(f"{MARK}{alias} points at {label}{MARK}{version}" for alias, label, version, _ in pointing)
        next_step = "point it elsewhere with `pipeline aliases set`, or remove it too with --and-aliases"
        raise PipelineError("models", f"nothing was {verb}: {named}", next_step=next_step)


def _explain(connection: Connection, ids: Sequence[int], error: str | None) -> None:
    for query in (queries.explain_own, queries.explain_reused):
        connection.execute(query, {"ids": [*ids], "error": error})


def _describe(verb: str, author: Author) -> str:
    return f"its model was {verb} by {author.name} on {datetime.now(UTC):%Y-%m-%d}: {author.reason}"
