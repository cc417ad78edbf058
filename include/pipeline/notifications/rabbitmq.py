"""The notification queues on RabbitMQ, through kombu."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import kombu
from kombu.exceptions import ContentDisallowed, DecodeError, SerializerNotInstalled

from pipeline.errors import PipelineError
from pipeline.notifications import base, names
from pipeline.notifications.amqp import open_connection, translated
from pipeline.notifications.message import Received, make_envelope

APP_ID = "pipeline"
# RabbitMQ 4 drops a message that was delivered too often and has no dead-letter queue; dead letters can be read any
# number of times.
_NO_LIMIT = 1_000_000_000
_NOT_FOUND = 404
_PRECONDITION_FAILED = 406
_UNREADABLE = (DecodeError, ContentDisallowed, SerializerNotInstalled, UnicodeError)


class RabbitQueue(base.NotificationQueue):
    """Quorum queues behind a topic exchange; rejected messages go to the dead-letter queue.

    Each message is persistent, and `publish` returns once RabbitMQ has confirmed it for every queue. A queue keeps a
    dead letter until the dead-letter queue has confirmed it. AMQP cannot list queues, so consumers have to be named.
    """

    def __init__(self, connection: Any, timeout_seconds: float) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._channel = connection.default_channel
        self._exchange = kombu.Exchange(names.exchange_name(), "topic", durable=True)
        self._dead_exchange = kombu.Exchange(names.dead_exchange_name(), "fanout", durable=True)
        self._producer = connection.Producer(serializer="json")
        self._declared = False

    def declare(self) -> None:
        if self._declared:
            return
        limit = {"x-queue-type": "quorum", "x-delivery-limit": _NO_LIMIT}
        dead = kombu.Queue(names.queue_name(names.DEAD), self._dead_exchange, "", durable=True, queue_arguments=limit)
        self._declare(dead)
        self._add(names.queue_name())
        self._declared = True

    def publish(self, message: dict[str, Any], queue: str | None = None) -> None:
        self.declare()
        envelope = make_envelope(message)
        exchange, key = (self._exchange.name, envelope.routing_key) if queue is None else ("", queue)
        with translated(self._connection):
            self._producer.publish(
                message,
                exchange=exchange,
                routing_key=key,
                mandatory=True,
                timeout=self._timeout_seconds,
                message_id=envelope.id,
                type=envelope.type,
                app_id=APP_ID,
                timestamp=int(time.time()),
                delivery_mode="persistent",
            )

    def count_ready(self, consumers: Sequence[str] = ()) -> dict[str, int]:
        wanted = [names.queue_name(), names.queue_name(names.DEAD), *map(names.queue_name, consumers)]
        with translated(self._connection):
            counts = {name: self._count_ready(name) for name in wanted}
        return {name: count for name, count in counts.items() if count is not None}

    def close(self) -> None:
        """Do nothing: the channel is closed together with its connection."""

    def _add(self, queue: str) -> None:
        """Declare a queue, bound to everything.

        Raises:
            PipelineError: it exists, but was declared with other arguments.
        """
        arguments = {
            "x-queue-type": "quorum",
            "x-delivery-limit": base.DELIVERY_LIMIT,
            "x-dead-letter-exchange": self._dead_exchange.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",  # at-least-once requires it; without a length limit no queue overflows
        }
        self._declare(kombu.Queue(queue, self._exchange, "#", durable=True, queue_arguments=arguments))

    def _remove(self, queue: str) -> int:
        with translated(self._connection):
            return int(self._channel.queue_delete(queue) or 0)

    def _take(self, queue: str) -> Received | None:
        with translated(self._connection):
            message = kombu.Queue(queue).bind(self._channel).get(accept=["json"])
        return None if message is None else _read(message)

    def _acknowledge(self, received: Received) -> None:
        with translated(self._connection):
            received.handle.ack()

    def _reject(self, received: Received) -> None:
        with translated(self._connection):
            received.handle.reject(requeue=False)

    def _declare(self, queue: kombu.Queue) -> None:
        with translated(self._connection), _explaining_conflict(queue.name, self._connection.channel_errors):
            queue.bind(self._channel).declare()

    def _count_ready(self, queue: str) -> int | None:
        channel = self._connection.channel()  # asking for a queue that does not exist closes the channel
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except self._connection.channel_errors as error:
            if error.reply_code != _NOT_FOUND:
                raise
            return None
        finally:
            channel.close()


@contextmanager
def open_rabbit_queue(url: str, timeout_seconds: float) -> Iterator[RabbitQueue]:
    """Connect to the RabbitMQ at an `amqp://` or `amqps://` address.

    Raises:
        BrokerUnavailableError: it cannot connect.
    """
    with open_connection(url, timeout_seconds) as connection:
        yield RabbitQueue(connection, timeout_seconds)


def _read(message: Any) -> Received:
    try:
        payload = message.decode()
    except _UNREADABLE:
        payload = None
    body = message.body if isinstance(message.body, str) else bytes(message.body).decode(errors="replace")
    return Received(
        message,
        payload if isinstance(payload, dict) else body,
        message.properties.get("message_id"),
        message.headers.get("x-first-death-queue"),
        message.headers.get("x-first-death-reason"),
    )


@contextmanager
def _explaining_conflict(queue: str, channel_errors: tuple[type[Exception], ...]) -> Iterator[None]:
    try:
        yield
    except channel_errors as error:
        if getattr(error, "reply_code", None) != _PRECONDITION_FAILED:
            raise
        raise PipelineError(
            "notifications",
            f"{queue}, or an exchange that it needs, was declared with other arguments before ({error})",
            next_step="empty the queue with `pipeline notifications consume`, delete what is named there on the broker "
            f"(`rabbitmqctl delete_queue {queue}`), and try again: it is then declared again",
        ) from error
