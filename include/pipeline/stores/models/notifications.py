"""Notifications: one for each stored model, derived from the models table, marked once the broker has it."""

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
    """A stored model: the run that trained it, and its label; two times None stands for every model."""

    run_id: str | None
    label: str | None


EVERY_MODEL = ModelKey(None, None)


class NotificationsStore:
    """The notification table."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert_missing(self, model: ModelKey = EVERY_MODEL) -> int:
        """Insert a notification for every stored model that has none, or for one; return how many that were."""
        with self.database.connection() as connection:
            connection.execute(queries.lock_changes)
            return connection.execute(queries.insert_missing, model._asdict()).rowcount

    def publish_each(self, publish: Callable[[dict[str, Any]], None], model: ModelKey = EVERY_MODEL) -> int:
        """Call `publish` with each unpublished message and mark it after; return how many were published.

        When `publish` raises, what it had published before is marked, and the error goes on to the caller. A crash
        between publishing and marking publishes again later: late or doubled, never lost.

        Args:
            publish: it returns once the broker has the message.
            model: publish this one's message only.
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
        """Yield the message of every notification, or of those published since a moment, the oldest first."""
        with (
            self.database.connection() as connection,
            connection.cursor(name="announced", row_factory=dict_row) as cursor,
        ):
            for row in cursor.execute(queries.select_announced, {"since": since}):
                yield _message(row)

    def list_notifications(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest notifications with when each was published."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(queries.select_notifications, {"limit": limit}).fetchall()

    def list_changed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Return the messages that came or changed after a number, each with its own as `change`, in their order."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(queries.select_changed, {"after": after, "limit": limit}).fetchall()
        return [_message(row) | {"change": row["change"], "published_at": row["published_at"]} for row in rows]


def reopen_notification(connection: Connection, notification_id: int) -> None:
    """Let a notification be published again; the last thing a transaction does, for others wait for its end."""
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
