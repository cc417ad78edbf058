"""The notification queue at an address: RabbitMQ or a PostgreSQL database, such as the deployment's own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

from pipeline.errors import PipelineError
from pipeline.notifications.base import NotificationQueue
from pipeline.notifications.postgresql import open_postgres_queue
from pipeline.notifications.rabbitmq import open_rabbit_queue

_OPENERS: dict[str, Callable[[str], AbstractContextManager[NotificationQueue]]] = {
    "amqp": open_rabbit_queue,
    "amqps": open_rabbit_queue,
    "postgres": open_postgres_queue,
    "postgresql": open_postgres_queue,
}


@contextmanager
def open_queue(url: str) -> Iterator[NotificationQueue]:
    """Connect to the broker at `url`, and close the connection afterwards.

    Raises:
        BrokerUnavailableError: it cannot connect.
        PipelineError: the address is of a broker that may lose messages, or of an unknown one.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _OPENERS:
        what = f"no supported broker has an address with {scheme}://"
        raise PipelineError("notifications", what, "amqp:// or amqps:// (RabbitMQ), postgresql://")
    with _OPENERS[scheme](url) as queue:
        yield queue
