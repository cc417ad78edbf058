"""Notifications: one per stored model, derived from the models table and marked once the broker has it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg.rows import dict_row

from pipeline.stores.database import Connection, Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))

BATCH = 100


class ModelKey(NamedTuple):
    """A stored model by its run and label; None for both means every model."""

    run_id: str | None
    label: str | None


EVERY_MODEL = ModelKey(None, None)


class NotificationsStore:
    """The notification table. Threads and processes may publish at once: each message is published by one of them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert_missing(self, model: ModelKey = EVERY_MODEL) -> int:
        """Insert a notification for each stored model without one, or for one model; return the number inserted."""
        with self.database.connection() as connection:
            connection.execute(queries.lock_changes)
            return connection.execute(queries.insert_missing, model._asdict()).rowcount

    def publish_each(self, publish: Callable[[dict[str, Any]], None], model: ModelKey = EVERY_MODEL) -> int:
        """Call `publish` with each unpublished message and mark it afterwards; return the number published.

        If `publish` raises, the messages before are marked and the error is raised. A crash between publishing and
        marking publishes a message again: it can be late or come twice, but is never lost.

        Args:
            publish: returns once the broker has the message.
            model: publish only the message of this model.
        """
        published = 0
        while batch := self._publish_batch(publish, model):
            published += batch
        return published

    def _publish_batch(self, publish: Callable[[dict[str, Any]], None], model: ModelKey) -> int:
        done: list[int] = []
        failure: Exception | None = None
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            wanted = model._asdict() | {"limit": BATCH}
            for row in cursor.execute(queries.lock_unpublished, wanted).fetchall():
                try:
                    publish(_message(row))
                except Exception as error:  # noqa: BLE001 - raised again once the mark is committed
                    failure = error
                    break
                done.append(row["notification_id"])
            cursor.execute(queries.mark_published, {"notification_ids": done})
        if failure is not None:
            raise failure
        return len(done)

    def read_announced(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Yield the messages of all notifications, or of those published since a moment, oldest first."""
        with (
            self.database.connection() as connection,
            connection.cursor(name="announced", row_factory=dict_row) as cursor,
        ):
            for row in cursor.execute(queries.select_announced, {"since": since}):
                yield _message(row)

    def list_notifications(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest notifications and when each was published."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_notifications, {"limit": limit}).fetchall()

    def list_changed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Return the messages after a change number in order, each with its own number as `change`."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(queries.select_changed, {"after": after, "limit": limit}).fetchall()
        return [_message(row) | {"change": row["change"], "published_at": row["published_at"]} for row in rows]


def reopen_notification(connection: Connection, notification_id: int) -> None:
    """Mark a notification as unpublished; do it last in a transaction, because others wait for its end."""
    connection.execute(queries.lock_changes)
    connection.execute(queries.reopen, {"notification_id": notification_id})


def _message(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row["label"],
        "version": row["version"],
        "run": row["run_id"],
        "definition": row["definition"],
        "document_sha256": row["document_sha256"].hex(),
        "scores": row["scores"],
        "time": row["created_at"].isoformat(),
    }
