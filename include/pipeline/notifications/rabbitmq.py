"""The exchanges and queues on RabbitMQ."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import kombu

from pipeline.errors import PipelineError
from pipeline.notifications import names
from pipeline.notifications.message import routing_key

DELIVERY_LIMIT = 5
# RabbitMQ 4 drops what was delivered too often and has nowhere to go; dead letters are read as often as one likes.
_NO_LIMIT = 1_000_000_000
_NOT_FOUND = 404
_PRECONDITION_FAILED = 406


class RabbitQueues:
    """Quorum queues behind a topic exchange; messages that a queue gives up go to the dead-letter queue.

    A queue keeps a dead letter until the dead-letter queue has confirmed it.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._channel = connection.default_channel
        self._exchange = kombu.Exchange(names.exchange_name(), "topic", durable=True)
        self._dead_exchange = kombu.Exchange(names.dead_exchange_name(), "fanout", durable=True)

    def declare(self) -> None:
        """Declare the exchanges, the default queue and the dead-letter queue."""
        limit = {"x-queue-type": "quorum", "x-delivery-limit": _NO_LIMIT}
        dead = kombu.Queue(names.queue_name(names.DEAD), self._dead_exchange, "", durable=True, queue_arguments=limit)
        self._declare(dead)
        self.add(names.queue_name())

    def add(self, queue: str) -> None:
        """Declare a consumer's queue, and have every notification from now on routed to it.

        Raises:
            PipelineError: it is there, and was declared with other arguments.
        """
        arguments = {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": self._dead_exchange.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",  # at-least-once asks for it; without a length limit none overflows
        }
        self._declare(kombu.Queue(queue, self._exchange, "#", durable=True, queue_arguments=arguments))

    def remove(self, queue: str) -> int:
        """Delete a queue; return how many messages it held."""
        return int(self._channel.queue_delete(queue) or 0)

    def count_ready(self, consumers: Sequence[str]) -> dict[str, int]:
        """Return how many messages wait in the default, the dead-letter and these consumers' queues, if they exist.

        AMQP has no list of queues.
        """
        wanted = [names.queue_name(), names.queue_name(names.DEAD), *map(names.queue_name, consumers)]
        counts = {name: self._count_ready(name) for name in wanted}
        return {name: count for name, count in counts.items() if count is not None}

    def routes(self, message: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the exchange and the routing key to publish a message with."""
        yield self._exchange.name, routing_key(message)

    def reject(self, received: Any, _: str) -> None:
        """Have the broker move a message to the dead-letter queue."""
        received.reject(requeue=False)

    def close(self) -> None:
        """Do nothing: the channel ends with its connection."""

    def _declare(self, queue: kombu.Queue) -> None:
        with _told_what_to_do(queue.name, self._connection.channel_errors):
            queue.bind(self._channel).declare()

    def _count_ready(self, queue: str) -> int | None:
        channel = self._connection.channel()  # a queue that is not there closes the channel
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except self._connection.channel_errors as error:
            if error.reply_code != _NOT_FOUND:
                raise
            return None
        finally:
            channel.close()


@contextmanager
def _told_what_to_do(queue: str, channel_errors: tuple[type[Exception], ...]) -> Iterator[None]:
    try:
        yield
    except channel_errors as error:
        if getattr(error, "reply_code", None) != _PRECONDITION_FAILED:
            raise
        raise PipelineError(
            "notifications",
            f"{queue}, or an exchange that it needs, was declared with other arguments before ({error})",
            next_step="empty the queue with `pipeline notifications consume`, delete on the broker what is named there "
            f"(`rabbitmqctl delete_queue {queue}`), and try again: it is declared anew",
        ) from error
