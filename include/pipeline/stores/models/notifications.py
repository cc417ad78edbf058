"""Notifications: one per stored model and per alias move, derived from their tables, marked once the broker has it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg.rows import dict_row

from pipeline.stores.database import Connection, Cursor, Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

BATCH = 100

MOVED: Final = "alias.moved"
REMOVED: Final = "alias.removed"


class ModelKey(NamedTuple):
    """A stored model by its run and label; None for both means every model."""

    run_id: str | None
    label: str | None


EVERY_MODEL = ModelKey(None, None)

Publish = Callable[[dict[str, Any]], None]
"""Publishes a message, and returns once the broker has it."""


class NotificationsStore:
    """The notification table. Threads and processes may publish at once: each message is published by one of them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert_missing(self, model: ModelKey = EVERY_MODEL) -> int:
        """Insert a notification for each stored model without one, or for one model; return the number inserted."""
        with self.database.connection() as connection:
            connection.execute(queries.lock_changes)
            return connection.execute(queries.insert_missing, model._asdict()).rowcount

    def insert_missing_moves(self) -> int:
        """Insert a notification for each alias move without one; return the number inserted."""
        with self.database.connection() as connection:
            connection.execute(queries.lock_changes)
            return connection.execute(queries.insert_missing_moves).rowcount

    def publish_each(self, publish: Publish, model: ModelKey = EVERY_MODEL) -> int:
        """Publish the message of each unpublished model and mark it afterwards; return the number published.

        If `publish` raises, the messages before are marked and the error is raised. A crash between publishing and
        marking publishes a message again: it can be late or come twice, but is never lost.

        Args:
            publish: takes a message.
            model: publish only the message of this model.
        """
        published = 0
        while batch := self._publish_batch(publish, model):
            published += batch
        return published

    def publish_moves(self, publish: Publish) -> int:
        """Publish the unpublished alias moves in their order, with the promises of `publish_each`; return their number.

        One process does this at a time, because a move must not overtake an earlier one of its alias. A second process
        returns at once: the first one looks again before it ends, and so finds whatever made the second one come.
        """
        published = 0
        while self.has_unpublished_moves():
            batch = self._publish_moves_batch(publish)
            if batch is None:
                break
            published += batch
        return published

    def has_unpublished_moves(self) -> bool:
        """Return whether an alias move that has a notification is not published."""
        with self.database.connection() as connection:
            return connection.execute(queries.has_unpublished_moves).fetchone() == (True,)

    def _publish_batch(self, publish: Publish, model: ModelKey) -> int:
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(queries.lock_unpublished, model._asdict() | {"limit": BATCH}).fetchall()
            failure = _publish_and_mark(cursor, rows, publish)
        if failure is not None:
            raise failure
        return len(rows)

    def _publish_moves_batch(self, publish: Publish) -> int | None:
        """Publish some moves and return their number; None if another process is publishing moves."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            if cursor.execute(queries.try_lock_moves).fetchone() != {"is_locked": True}:
                return None
            rows = cursor.execute(queries.select_unpublished_moves, {"limit": BATCH}).fetchall()
            failure = _publish_and_mark(cursor, rows, publish)
        if failure is not None:
            raise failure
        return len(rows)

    def read_announced(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Yield the messages of all notifications, or of those published since a moment, oldest first."""
        with (
            self.database.connection() as connection,
            connection.cursor(name="announced", row_factory=dict_row) as cursor,
        ):
            for row in cursor.execute(queries.select_announced, {"since": since}):
                yield _message(row)

    def list_notifications(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest notifications and when each was published; those of models have no `alias`."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_notifications, {"limit": limit}).fetchall()

    def list_changed(self, after: int, limit: int, *, with_moves: bool = False) -> list[dict[str, Any]]:
        """Return the messages after a change number in order, each with its own number as `change`."""
        wanted = {"after": after, "limit": limit, "with_moves": with_moves}
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(queries.select_changed, wanted).fetchall()
        return [_message(row) | {"change": row["change"], "published_at": row["published_at"]} for row in rows]


def reopen_notification(connection: Connection, notification_id: int) -> None:
    """Mark a notification as unpublished; do it last in a transaction, because others wait for its end."""
    connection.execute(queries.lock_changes)
    connection.execute(queries.reopen, {"notification_id": notification_id})


def _publish_and_mark(cursor: Cursor, rows: list[dict[str, Any]], publish: Publish) -> Exception | None:
    """Publish messages until one fails, mark those that the broker has, and return the failure, to be raised later."""
    done: list[int] = []
    failure: Exception | None = None
    for row in rows:
        try:
            publish(_message(row))
        except Exception as error:  # noqa: BLE001 - raised once the mark is committed
            failure = error
            break
        done.append(row["notification_id"])
    cursor.execute(queries.mark_published, {"notification_ids": done})
    return failure


def _message(row: dict[str, Any]) -> dict[str, Any]:
    return _model_message(row) if row["move_id"] is None else _move_message(row)


def _model_message(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row["label"],
        "version": row["version"],
        "run": row["run_id"],
        "definition": row["definition"],
        "document_sha256": row["document_sha256"].hex(),
        "scores": row["scores"],
        "time": row["happened_at"].isoformat(),
    }


def _move_message(row: dict[str, Any]) -> dict[str, Any]:
    previous = {"label": row["previous_label"], "version": row["previous_version"]}
    return {
        "event": REMOVED if row["label"] is None else MOVED,
        "move": row["move_id"],
        "alias": row["alias"],
        "label": row["label"],
        "version": row["version"],
        "document_sha256": row["document_sha256"] and row["document_sha256"].hex(),
        "previous": None if previous["label"] is None else previous,
        "moved_by": row["moved_by"],
        "reason": row["reason"],
        "time": row["happened_at"].isoformat(),
    }
