"""Aliases: names such as `champion` that point at a model version, and the history of their moves."""

import re
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg.rows import dict_row

from pipeline.errors import PipelineError
from pipeline.stores.author import check_reason
from pipeline.stores.database import Database
from pipeline.stores.models.read import MARK, no_alias, read_target
from pipeline.stores.queries import Queries

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,49}")

queries = Queries(Path(__file__).with_suffix(".sql"))


class AliasesStore:
    """Where aliases point. Moves are only added, never changed. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def list_aliases(self) -> list[dict[str, Any]]:
        """Return every alias with where it points and who moved it there, when and why."""
        return self._select(queries.select_aliases, {"alias": None})

    def get_alias(self, alias: str) -> dict[str, Any]:
        """Return one alias.

        Raises:
            NotFoundError: there is no such alias.
        """
        found = self._select(queries.select_aliases, {"alias": alias})
        if not found:
            raise no_alias(alias)
        return found[0]

    def list_moves(self, alias: str | None = None, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest moves of one alias or of all; with `before`, those older than the move of that id."""
        return self._select(queries.select_moves, {"alias": alias, "before": before, "limit": limit})

    def move(self, alias: str, reference: str, moved_by: str, reason: str) -> dict[str, Any]:
        """Point an alias at a model version, create it if needed, and return it.

        Args:
            alias: its name.
            reference: as for `resolve`.
            moved_by: the name of the user.
            reason: 1 to 1,000 characters.

        Raises:
            NotFoundError: there is no such model.
            PipelineError: the name or the reason is not allowed.
        """
        check_alias(alias)
        row = {"alias": alias, "moved_by": moved_by, "reason": check_reason(reason)}
        label, version = self.resolve(reference)
        with self.database.connection() as connection:
            connection.execute(queries.lock_alias, row)
            if not connection.execute(queries.insert_move, row | {"label": label, "version": version}).rowcount:
                next_step = "bring it back with `pipeline models bring-back`, or choose another model"
                raise PipelineError(f"{label}{MARK}{version}", "is retired or deleted", next_step=next_step)
        return self.get_alias(alias)

    def remove(self, alias: str, moved_by: str, reason: str) -> None:
        """Remove an alias; the history of its moves stays.

        Raises:
            NotFoundError: there is no such alias.
            PipelineError: the reason is not allowed.
        """
        row = {"alias": alias, "moved_by": moved_by, "reason": check_reason(reason)}
        with self.database.connection() as connection:
            connection.execute(queries.lock_alias, row)
            if not connection.execute(queries.insert_removal, row).rowcount:
                raise no_alias(alias)

    def resolve(self, reference: str) -> tuple[str, int]:
        """Return the label and version that a reference means.

        Args:
            reference: a label (its newest version), `label@3`, or an alias as `@champion`.

        Raises:
            NotFoundError: there is no such model or alias.
        """
        label, version, _ = read_target(self.database, reference)
        return label, version

    def _select(self, query: LiteralString, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


def check_alias(alias: str) -> None:
    """Check the name of an alias.

    Raises:
        PipelineError: the name is not allowed; the message says what is.
    """
    if not NAME.fullmatch(alias):
        allowed = "at most 50 of a-z, 0-9, _ and -, a letter first, such as champion"
        raise PipelineError("alias", repr(alias[:60]), allowed)
