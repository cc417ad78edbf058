"""The tables of kombu's SQLAlchemy transport, for what the transport itself cannot do."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

# Two that make the same queue at once both succeed, which kombu's own way does not promise.
INSERT_QUEUE: Final = text("""
INSERT INTO kombu_queue (id, name) VALUES (nextval('queue_id_sequence'), :queue) ON CONFLICT (name) DO NOTHING
""")

SELECT_QUEUES: Final = text("""
SELECT name FROM kombu_queue WHERE name = :family OR starts_with(name, :family || '.') ORDER BY name
""")

COUNT_READY: Final = text("""
SELECT name, count(kombu_message.id) FILTER (WHERE visible) AS ready
FROM kombu_queue LEFT JOIN kombu_message ON kombu_message.queue_id = kombu_queue.id
WHERE name = :family OR starts_with(name, :family || '.')
GROUP BY name ORDER BY name
""")

# What was delivered is not read again: a message that is given back becomes a new row.
DELETE_DELIVERED: Final = text("""
DELETE FROM kombu_message USING kombu_queue
WHERE NOT visible AND kombu_queue.id = queue_id AND (name = :family OR starts_with(name, :family || '.'))
""")

LOCK_QUEUE: Final = text("SELECT id FROM kombu_queue WHERE name = :queue FOR UPDATE")
DELETE_MESSAGES: Final = text("""
WITH deleted AS (DELETE FROM kombu_message WHERE queue_id = :queue_id RETURNING visible)
SELECT count(*) FILTER (WHERE visible) FROM deleted
""")
DELETE_QUEUE: Final = text("DELETE FROM kombu_queue WHERE id = :queue_id")


class KombuQueues:
    """The queues of one family: those called `family` or `family.…`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert_queue(self, queue: str) -> None:
        """Make a queue, unless there is one of that name."""
        with self._session.begin():
            self._session.execute(INSERT_QUEUE, {"queue": queue})

    def list_queues(self, family: str) -> list[str]:
        """Return the names of a family's queues."""
        with self._session.begin():
            return [*self._session.scalars(SELECT_QUEUES, {"family": family})]

    def count_ready(self, family: str) -> dict[str, int]:
        """Return how many messages wait in each of a family's queues."""
        with self._session.begin():
            return {row.name: row.ready for row in self._session.execute(COUNT_READY, {"family": family})}

    def delete_delivered(self, family: str) -> None:
        """Delete the messages that a family's queues have delivered."""
        with self._session.begin():
            self._session.execute(DELETE_DELIVERED, {"family": family})

    def delete_queue(self, queue: str) -> int:
        """Delete a queue with its messages; return how many of them waited."""
        with self._session.begin():
            queue_id = self._session.scalar(LOCK_QUEUE, {"queue": queue})
            waiting = self._session.scalar(DELETE_MESSAGES, {"queue_id": queue_id})
            self._session.execute(DELETE_QUEUE, {"queue_id": queue_id})
        return int(waiting or 0)
