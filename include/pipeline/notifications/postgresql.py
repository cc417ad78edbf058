"""The queues in PostgreSQL, as kombu's SQLAlchemy transport keeps them.

That transport knows which queue is bound to what in one process only, so a message is put on each queue by its name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.notifications import names
from pipeline.stores.kombu_queues import KombuQueues

_KEPT = ("message_id", "type", "app_id", "timestamp", "delivery_mode")


class PostgresQueues:
    """The default queue, the dead-letter queue and the consumers' queues, told by their names."""

    def __init__(self, connection: Any) -> None:
        self._session = connection.default_channel.session
        self._store = KombuQueues(self._session)
        self._producer = connection.Producer()
        try:
            self.declare()
        except BaseException:
            self.close()
            raise

    def declare(self) -> None:
        """Make the default queue and the dead-letter queue, and forget what was delivered."""
        for queue in (names.queue_name(), names.queue_name(names.DEAD)):
            self.add(queue)
        self._store.delete_delivered(names.queue_name())

    def add(self, queue: str) -> None:
        """Make a consumer's queue, which gets every notification from now on."""
        self._store.insert_queue(queue)

    def remove(self, queue: str) -> int:
        """Delete a queue; return how many messages waited in it."""
        return self._store.delete_queue(queue)

    def count_ready(self, _: Sequence[str]) -> dict[str, int]:
        """Return how many messages wait in each queue."""
        return self._store.count_ready(names.queue_name())

    def routes(self, _: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield, for each queue that there is now, the exchange and the routing key that lead to it alone."""
        dead = names.queue_name(names.DEAD)
        for queue in self._store.list_queues(names.queue_name()):
            if queue != dead:
                yield "", queue

    def reject(self, received: Any, queue: str) -> None:
        """Move a message to the dead-letter queue; a crash in between leaves a double, not a gap."""
        died = {"x-first-death-queue": queue, "x-first-death-reason": "rejected"}
        self._producer.publish(
            received.body,
            exchange="",
            routing_key=names.queue_name(names.DEAD),
            content_type=received.content_type or "application/octet-stream",
            content_encoding=received.content_encoding or "binary",
            headers=received.headers | died,
            **{key: value for key, value in received.properties.items() if key in _KEPT},
        )
        received.ack()

    def close(self) -> None:
        """Close the session, which kombu leaves open."""
        self._session.close()
