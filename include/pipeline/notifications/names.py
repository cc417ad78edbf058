"""The names of exchanges and queues on the broker."""

import re

from pipeline.errors import PipelineError

PREFIX = "pipeline"
DEAD = "dead"
_CONSUMER = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def exchange_name() -> str:
    """Return the name of the exchange to which every notification is published."""
    return f"{PREFIX}.trained"


def dead_exchange_name() -> str:
    """Return the name of the exchange to which queues pass rejected messages."""
    return f"{PREFIX}.dead"


def queue_name(consumer: str | None = None) -> str:
    """Return the name of a consumer's queue; without a consumer, that of the default queue.

    Raises:
        PipelineError: the name is not a valid consumer name.
    """
    if consumer is None:
        return f"{PREFIX}.notifications"
    if _CONSUMER.fullmatch(consumer) is None:
        what = f"{consumer!r} is not a consumer name"
        raise PipelineError("notifications", what, "1 to 63 lower case letters, digits, - and _, not - or _ first")
    return f"{PREFIX}.notifications.{consumer}"


def new_queue_name(consumer: str) -> str:
    """Return the name of the queue of a consumer that subscribes or unsubscribes.

    Raises:
        PipelineError: the name is not a valid consumer name, or is that of the dead-letter queue.
    """
    if consumer == DEAD:
        what = f"{queue_name(DEAD)} is reserved for rejected messages"
        raise PipelineError("notifications", what, next_step="choose another name")
    return queue_name(consumer)
