"""A connection to RabbitMQ that raises this project's errors, after a limited time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
from amqp.exceptions import MessageNacked  # type: ignore[import-untyped]
from kombu.exceptions import OperationalError

from pipeline.errors import BrokerUnavailableError
from pipeline.notifications import base

# An address may name several brokers; a refused connection is retried soon, but at most this often.
_RETRY = {"max_retries": 3, "interval_start": 0.2, "interval_step": 0.2}


@contextmanager
def open_connection(url: str, timeout_seconds: float) -> Iterator[Any]:
    """Yield a kombu connection with an open channel that confirms what is published.

    Raises:
        BrokerUnavailableError: it cannot connect.
    """
    timeouts = {"read_timeout": timeout_seconds, "write_timeout": timeout_seconds}
    options = {"confirm_publish": True, **timeouts, **_RETRY}
    connection = kombu.Connection(url, transport_options=options, connect_timeout=timeout_seconds)
    try:
        with translated(connection):
            connection.default_channel  # noqa: B018 - opens it
        yield connection
    except BrokerUnavailableError:
        connection.collect()  # an orderly end would wait for answers that never come
        raise
    finally:
        connection.release()


@contextmanager
def translated(connection: Any) -> Iterator[None]:
    """Turn the transport's errors into this project's."""
    # kombu lists a refused confirm neither among its connection's errors nor among its channel's
    known = (*connection.connection_errors, *connection.channel_errors, MessageNacked, OperationalError, OSError)
    try:
        yield
    except known as error:
        raise base.broker_unavailable(connection.as_uri(), _describe(error)) from error


def _describe(error: BaseException) -> str:
    if isinstance(error, MessageNacked):
        return "did not accept a message"
    if reply := getattr(error, "reply_text", None):
        return f"refused ({reply})"
    return f"does not answer ({type(error.__cause__ or error).__name__})"
