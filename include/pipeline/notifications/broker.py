"""A connection to the broker that raises our errors, and raises them in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import kombu
from amqp.exceptions import MessageNacked  # type: ignore[import-untyped]
from kombu.exceptions import OperationalError

from pipeline.errors import BrokerUnavailableError, PipelineError

# For each step: connecting, declaring, publishing, being confirmed. A broker that is silent for longer is down.
TIMEOUT_SECONDS = 10
# An address may name several brokers; one that refuses is tried again at once, and no more than so often.
_RETRY = {"max_retries": 3, "interval_start": 0.2, "interval_step": 0.2}
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


@contextmanager
def open_connection(url: str) -> Iterator[Any]:
    """Yield a kombu connection whose channel is open.

    Raises:
        BrokerUnavailableError: no connection.
    """
    address = broker_url(url)
    options: dict[str, Any] = {"connect_args": {"connect_timeout": TIMEOUT_SECONDS, "application_name": "pipeline"}}
    if address.startswith(_AMQP):
        timeouts = {"read_timeout": TIMEOUT_SECONDS, "write_timeout": TIMEOUT_SECONDS}
        options = {"confirm_publish": True, **timeouts, **_RETRY}
    connection = kombu.Connection(address, transport_options=options, connect_timeout=TIMEOUT_SECONDS)
    try:
        with translated(connection):
            connection.default_channel  # noqa: B018 - opens it
        yield connection
    except BrokerUnavailableError:
        connection.collect()  # a polite end would wait for answers that do not come
        raise
    finally:
        connection.release()


@contextmanager
def translated(connection: Any) -> Iterator[None]:
    """Turn the transport's errors into ours; the address is shown without its password."""
    # kombu counts a refused confirm among neither its connection's errors nor its channel's
    known = (*connection.connection_errors, *connection.channel_errors, MessageNacked, OperationalError, OSError)
    try:
        yield
    except known as error:
        raise BrokerUnavailableError(
            "notifications",
            f"the broker at {_without_password(connection.as_uri())} {_tell(error)}",
            next_step="see that it runs; whatever is not announced is announced by the next `notify`",
        ) from error


def _tell(error: BaseException) -> str:
    if isinstance(error, MessageNacked):
        return "did not take a message"
    if reply := getattr(error, "reply_text", None):
        return f"refused ({reply})"
    return f"does not answer ({type(error.__cause__ or error).__name__})"


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}{parts.path}"
