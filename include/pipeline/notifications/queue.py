"""The notification queue, through kombu: RabbitMQ where there is one, else the deployment's own PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import kombu
from kombu.exceptions import OperationalError

from pipeline.errors import BrokerUnavailableError, PipelineError

QUEUE = "pipeline.notifications"
_POSTGRES = ("postgres", "postgresql")
_AMQP = ("amqp", "amqps")


def broker_url(url: str) -> str:
    """Return the kombu address of a connection: a PostgreSQL server becomes kombu's SQLAlchemy transport.

    Raises:
        PipelineError: an address of a broker that is not known to keep what it was given.
    """
    parts = urlsplit(url)
    if parts.scheme in _POSTGRES:
        return urlunsplit(parts._replace(scheme="sqla+postgresql+psycopg"))
    if parts.scheme not in _AMQP:
        what = f"no broker is spoken to by {parts.scheme}://"
        raise PipelineError("notifications", what, "amqp:// or amqps:// (RabbitMQ), postgresql://")
    return url


class NotificationQueue:
    """A durable queue of JSON messages.

    With RabbitMQ each message is persistent and `publish` returns once the broker has confirmed it; with
    PostgreSQL it returns once the row is committed.
    """

    def __init__(self, connection: kombu.Connection) -> None:
        self._connection = connection
        quorum = {"x-queue-type": "quorum"} if connection.transport.driver_type == "amqp" else None
        exchange = kombu.Exchange(QUEUE, type="direct", durable=True)
        self.queue = kombu.Queue(QUEUE, exchange, routing_key=QUEUE, durable=True, queue_arguments=quorum)
        self._producer = connection.Producer(serializer="json")
        self.queue.bind(connection.default_channel).declare()

    def publish(self, message: dict[str, Any]) -> None:
        """Publish one message and wait until the broker has it.

        Raises:
            BrokerUnavailableError: the broker went away or did not take it.
        """
        with _translated(self._connection):
            self._producer.publish(
                message,
                exchange=self.queue.exchange,
                routing_key=QUEUE,
                delivery_mode="persistent",
                mandatory=True,
                message_id=f"{message['label']}:{message['version']}",
            )

    def consume(
        self, handle: Callable[[dict[str, Any]], None], timeout_seconds: float, limit: int | None = None
    ) -> int:
        """Hand each message to `handle` and acknowledge it after; a message that `handle` raised on comes again.

        Args:
            handle: takes the message.
            timeout_seconds: stop when none has come for so long.
            limit: stop after so many.

        Returns:
            How many were handled.
        """
        handled = 0
        with self._connection.SimpleQueue(self.queue) as messages:
            while limit is None or handled < limit:
                try:
                    with _translated(self._connection):
                        message = messages.get(timeout=timeout_seconds)
                except messages.Empty:
                    break
                handle(message.payload)
                message.ack()
                handled += 1
        return handled


@contextmanager
def open_queue(url: str) -> Iterator[NotificationQueue]:
    """Connect to the broker at `url` and declare the queue.

    Raises:
        BrokerUnavailableError: no connection.
    """
    address = broker_url(url)
    options = {"confirm_publish": True} if address.startswith(_AMQP) else {}
    with kombu.Connection(address, transport_options=options, connect_timeout=10) as connection:
        with _translated(connection):
            queue = NotificationQueue(connection)
        try:
            yield queue
        finally:
            if connection.transport.driver_type == "sql":  # kombu leaves its session open
                connection.default_channel.session.close()


@contextmanager
def _translated(connection: kombu.Connection) -> Iterator[None]:
    """Turn the transport's errors into ours; the address is shown without its password."""
    try:
        yield
    except (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError) as error:
        raise BrokerUnavailableError(
            "notifications",
            f"the broker at {_without_password(connection.as_uri())} does not answer ({type(error).__name__})",
            next_step="start it; whatever is not announced is announced by the next `notify`",
        ) from error


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}{parts.path}"
