"""What exchanges and queues are called on the broker."""

import re

from pipeline.errors import PipelineError

PREFIX = "pipeline"
DEAD = "dead"
_CONSUMER = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def exchange_name() -> str:
    """Return the exchange that every notification is published to."""
    return f"{PREFIX}.trained"


def dead_exchange_name() -> str:
    """Return the exchange that queues hand rejected messages to."""
    return f"{PREFIX}.dead"


def queue_name(consumer: str | None = None) -> str:
    """Return a consumer's queue; the default queue where none is named.

    Raises:
        PipelineError: no consumer can have that name.
    """
    if consumer is None:
        return f"{PREFIX}.notifications"
    if _CONSUMER.fullmatch(consumer) is None:
        what = f"{consumer!r} is no consumer's name"
        raise PipelineError("notifications", what, "1 to 63 lower case letters, digits, - and _, not - or _ first")
    return f"{PREFIX}.notifications.{consumer}"


def new_queue_name(consumer: str) -> str:
    """Return the queue of somebody who subscribes or unsubscribes.

    Raises:
        PipelineError: no consumer can have that name, or it is taken by the dead-letter queue.
    """
    if consumer == DEAD:
        what = f"{queue_name(DEAD)} is where rejected messages go"
        raise PipelineError("notifications", what, next_step="choose another name")
    return queue_name(consumer)
