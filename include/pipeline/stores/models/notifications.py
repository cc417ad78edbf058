"""Notifications: one for each stored model, derived from the models table, marked once the broker has it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import dict_row

from pipeline.stores.database import Connection, Database

# A notification has the number of its last change. Numbers become visible in their order, for whoever takes one holds
# this to the end of the transaction; so who has read up to a number has missed none below it.
LOCK_CHANGES = "SELECT pg_advisory_xact_lock(hashtextextended('notification changes', 0))"

INSERT_MISSING = """
INSERT INTO notifications (model_id, change)
SELECT model_id, nextval('notification_changes') FROM models
WHERE (%(run_id)s::text IS NULL OR run_id = %(run_id)s AND label = %(label)s)
    AND NOT EXISTS (SELECT FROM notifications WHERE notifications.model_id = models.model_id)
ON CONFLICT (model_id) DO NOTHING
"""

REOPEN = """
UPDATE notifications SET published_at = NULL, change = nextval('notification_changes')
WHERE notification_id = %(notification_id)s
"""

# Rows that another notifier is publishing now are left to it.
LOCK_UNPUBLISHED = """
SELECT notification_id, label, version, run_id, definition, document_sha256, scores, models.created_at
FROM notifications JOIN models USING (model_id)
WHERE published_at IS NULL AND (%(run_id)s::text IS NULL OR run_id = %(run_id)s AND label = %(label)s)
ORDER BY notification_id LIMIT %(limit)s
FOR UPDATE OF notifications SKIP LOCKED
"""

MARK_PUBLISHED = "UPDATE notifications SET published_at = now() WHERE notification_id = ANY(%(notification_ids)s)"

# What is not published yet counts as published now: a notifier that is at it may have read the list of queues before
# the queue that this is for was made.
SELECT_ANNOUNCED = """
SELECT label, version, run_id, definition, document_sha256, scores, models.created_at
FROM notifications JOIN models USING (model_id)
WHERE %(since)s::timestamptz IS NULL OR coalesce(published_at, now()) >= %(since)s
ORDER BY notification_id
"""

SELECT_CHANGED = """
SELECT change, label, version, run_id, definition, document_sha256, scores, models.created_at, published_at
FROM notifications JOIN models USING (model_id)
WHERE change > %(after)s ORDER BY change LIMIT %(limit)s
"""

SELECT_NOTIFICATIONS = """
SELECT notification_id, label, version, run_id, accuracy, testing_set, notifications.created_at, published_at
FROM notifications JOIN listed_models USING (model_id)
ORDER BY notification_id DESC LIMIT %(limit)s
"""

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
            connection.execute(LOCK_CHANGES)
            return connection.execute(INSERT_MISSING, model._asdict()).rowcount

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
            for row in cursor.execute(LOCK_UNPUBLISHED, wanted).fetchall():
                try:
                    publish(_message(row))
                except Exception as error:  # noqa: BLE001 - raised again once the mark is committed
                    failure = error
                    break
                done.append(row["notification_id"])
            cursor.execute(MARK_PUBLISHED, {"notification_ids": done})
        if failure is not None:
            raise failure
        return len(done)

    def read_announced(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Yield the message of every notification, or of those published since a moment, the oldest first."""
        with (
            self.database.connection() as connection,
            connection.cursor(name="announced", row_factory=dict_row) as cursor,
        ):
            for row in cursor.execute(SELECT_ANNOUNCED, {"since": since}):
                yield _message(row)

    def list_notifications(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest notifications with when each was published."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SELECT_NOTIFICATIONS, {"limit": limit}).fetchall()

    def list_changed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Return the messages that came or changed after a number, each with its own as `change`, in their order."""
        with self.database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(SELECT_CHANGED, {"after": after, "limit": limit}).fetchall()
        return [_message(row) | {"change": row["change"], "published_at": row["published_at"]} for row in rows]


def reopen_notification(connection: Connection, notification_id: int) -> None:
    """Let a notification be published again; the last thing a transaction does, for others wait for its end."""
    connection.execute(LOCK_CHANGES)
    connection.execute(REOPEN, {"notification_id": notification_id})


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
