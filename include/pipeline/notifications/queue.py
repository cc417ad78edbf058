"""The notification queue at an address: RabbitMQ or a PostgreSQL database, such as the deployment's own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

from pipeline.errors import PipelineError
from pipeline.notifications import base
from pipeline.notifications.base import NotificationQueue
from pipeline.notifications.postgresql import open_postgres_queue
from pipeline.notifications.rabbitmq import open_rabbit_queue

_OPENERS: dict[str, Callable[[str, float], AbstractContextManager[NotificationQueue]]] = {
    "amqp": open_rabbit_queue,
    "amqps": open_rabbit_queue,
    "postgres": open_postgres_queue,
    "postgresql": open_postgres_queue,
}
_ALLOWED = "amqp://… or amqps://… (RabbitMQ), postgresql://…"


@contextmanager
def open_queue(url: str, timeout_seconds: float | None = None) -> Iterator[NotificationQueue]:
    """Connect to the broker at `url`, and close the connection afterwards.

    Args:
        url: its address.
        timeout_seconds: how long each step may take, by default `base.TIMEOUT_SECONDS`.

    Raises:
        BrokerUnavailableError: it cannot connect.
        PipelineError: the address is of a broker that may lose messages, or of an unknown one.
    """
    scheme = check_broker(url)
    timeout_seconds = base.TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
    with _OPENERS[scheme](url, timeout_seconds) as queue:
        yield queue


def check_broker(url: str) -> str:
    """Return the scheme of a broker's address.

    Raises:
        PipelineError: the address is of a broker that may lose messages, or of an unknown one, or malformed.
    """
    try:
        parts = urlsplit(url)
        if not set(",;") & set(parts.netloc):  # one broker
            parts.port  # noqa: B018 - raises unless it is a number
    except ValueError:  # its message may contain the password
        raise PipelineError("notifications", "its address is malformed", _ALLOWED) from None
    if parts.scheme not in _OPENERS:
        what = f"no supported broker has an address with {parts.scheme}://" if parts.scheme else "it is not an address"
        raise PipelineError("notifications", what, _ALLOWED)
    return parts.scheme
