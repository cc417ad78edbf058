"""The notification queues, through kombu: RabbitMQ where there is one, else the deployment's own PostgreSQL."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import kombu

from pipeline.errors import PipelineError
from pipeline.log import get_logger
from pipeline.notifications import names
from pipeline.notifications.broker import TIMEOUT_SECONDS, open_connection, translated
from pipeline.notifications.message import UnreadableMessageError, describe_dead, properties_of, read_payload
from pipeline.notifications.postgresql import PostgresQueues
from pipeline.notifications.rabbitmq import RabbitQueues

log = get_logger(__name__)

_POLL_SECONDS = 0.1


class NotificationQueue:
    """The default queue and one more for each consumer: durable queues of JSON messages, each with every label.

    With RabbitMQ each message is persistent and `publish` returns once the broker has confirmed it; with
    PostgreSQL it returns once the rows are committed. After a BrokerUnavailableError it is of no more use.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._queues = (RabbitQueues if connection.transport.driver_type == "amqp" else PostgresQueues)(connection)
        self._producer = connection.Producer(serializer="json")
        self._declared = False

    def declare(self) -> None:
        """Make the exchange, the default queue and the dead-letter queue, where they are not there yet.

        Raises:
            BrokerUnavailableError: the broker went away.
        """
        with translated(self._connection):
            self._declare()

    def publish(self, message: dict[str, Any], queue: str | None = None) -> None:
        """Publish one message and wait until the broker has it.

        Args:
            message: the notification.
            queue: the one that gets it; without it, every queue does.

        Raises:
            BrokerUnavailableError: the broker went away, did not take it or had no queue for it.
        """
        with translated(self._connection):
            self._declare()
            for exchange, routing_key in self._queues.routes(message) if queue is None else [("", queue)]:
                self._producer.publish(
                    message,
                    exchange=exchange,
                    routing_key=routing_key,
                    mandatory=True,
                    timeout=TIMEOUT_SECONDS,
                    **properties_of(message),
                )

    def subscribe(self, consumer: str) -> int:
        """Make a consumer's queue unless it is there; return how many messages wait in it.

        Raises:
            PipelineError: no consumer can have that name.
        """
        queue = names.new_queue_name(consumer)
        with translated(self._connection):
            self._declare()
            self._queues.add(queue)
            return self._queues.count_ready([consumer])[queue]

    def unsubscribe(self, consumer: str) -> int:
        """Delete a consumer's queue; return how many messages were lost with it.

        Raises:
            PipelineError: there is no such consumer.
        """
        queue = names.new_queue_name(consumer)
        self.count_ready_of(consumer)
        with translated(self._connection):
            return self._queues.remove(queue)

    def count_ready(self, consumers: Sequence[str] = ()) -> dict[str, int]:
        """Return how many messages wait in each queue; on RabbitMQ only the consumers' that are named.

        Raises:
            PipelineError: no consumer can have such a name.
        """
        for consumer in consumers:
            names.queue_name(consumer)
        with translated(self._connection):
            return self._queues.count_ready(consumers)

    def count_ready_of(self, consumer: str | None) -> int:
        """Return how many messages wait in one queue.

        Raises:
            PipelineError: there is no such consumer.
        """
        queue = names.queue_name(consumer)
        found = self.count_ready([] if consumer is None else [consumer])
        if queue in found:
            return found[queue]
        if consumer in (None, names.DEAD):  # nothing has been published yet
            with translated(self._connection):
                self._declare()
            return 0
        next_step = f"`pipeline notifications subscribe {consumer}` makes it"
        raise PipelineError("notifications", f"there is no queue {queue}", next_step=next_step)

    def consume(
        self,
        handle: Callable[[dict[str, Any]], None],
        timeout_seconds: float,
        limit: int | None = None,
        consumer: str | None = None,
    ) -> int:
        """Hand each message to `handle` and acknowledge it after; a message that `handle` raised on comes again.

        A message that is no JSON object, or that `handle` raises an UnreadableMessageError on, goes to the dead-letter
        queue. Dead letters are handed over with where they come from, see `describe_dead`.

        Args:
            handle: takes the message.
            timeout_seconds: stop when none has come for so long.
            limit: stop after so many.
            consumer: whose queue; the default one where none is named.

        Returns:
            How many were handled.

        Raises:
            PipelineError: there is no such consumer.
        """
        self.count_ready_of(consumer)
        queue = kombu.Queue(names.queue_name(consumer)).bind(self._connection.default_channel)
        read = describe_dead if consumer == names.DEAD else read_payload
        handled = 0
        while (limit is None or handled < limit) and (received := self._wait_for(queue, timeout_seconds)) is not None:
            try:
                handle(read(received))
            except UnreadableMessageError as error:
                log.warning("rejected", queue=queue.name, reason=str(error))
                with translated(self._connection):
                    self._queues.reject(received, queue.name)
                continue
            with translated(self._connection):
                received.ack()
            handled += 1
        return handled

    def close(self) -> None:
        """Let go of what the broker's client would keep open."""
        self._queues.close()

    def _wait_for(self, queue: Any, timeout_seconds: float) -> Any:
        """Return the next message or none. One at a time: what is taken and given back counts as a failed delivery."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            with translated(self._connection):
                received = queue.get(accept=["json"])
            if received is not None or time.monotonic() >= deadline:
                return received
            time.sleep(_POLL_SECONDS)

    def _declare(self) -> None:
        if not self._declared:
            self._queues.declare()
            self._declared = True


@contextmanager
def open_queue(url: str) -> Iterator[NotificationQueue]:
    """Connect to the broker at `url`.

    Raises:
        BrokerUnavailableError: no connection.
    """
    with open_connection(url) as connection:
        with translated(connection):
            queue = NotificationQueue(connection)
        try:
            yield queue
        finally:
            queue.close()
