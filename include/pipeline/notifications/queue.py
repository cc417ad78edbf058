"""The notification queue that an address means: RabbitMQ where there is one, else the deployment's own PostgreSQL."""

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
    """Connect to the broker at `url`, and end the connection after.

    Raises:
        BrokerUnavailableError: no connection.
        PipelineError: an address of a broker that is not known to keep what it was given.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _OPENERS:
        what = f"no broker is spoken to by {scheme}://"
        raise PipelineError("notifications", what, "amqp:// or amqps:// (RabbitMQ), postgresql://")
    with _OPENERS[scheme](url) as queue:
        yield queue
