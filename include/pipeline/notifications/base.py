"""The contract of a notification queue, for every broker."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.log import get_logger
from pipeline.notifications import names
from pipeline.notifications.message import Received, UnreadableMessageError, describe_dead, read_payload

log = get_logger(__name__)

# For each step: connecting, declaring, publishing, being confirmed. A broker that does not answer for longer is down.
TIMEOUT_SECONDS = 10
# A message is delivered once plus this many times; then it is a dead letter.
DELIVERY_LIMIT = 5
_POLL_SECONDS = 0.1


class NotificationQueue(ABC):
    """The default queue and one queue for each consumer: durable queues of JSON messages, each with every message.

    A message is delivered to one consumer of its queue at a time, the oldest first. The broker keeps it until it is
    acknowledged: if the consumer that holds it ends, for any reason, another one gets it. So a message can come twice,
    but is never lost. A message that is not acknowledged after `DELIVERY_LIMIT` + 1 deliveries goes to the
    dead-letter queue.

    Any number of processes may publish, subscribe and consume at once. One object is one connection: it belongs to
    `open_queue`, which closes it, and is used by one thread at a time. Any method may raise a BrokerUnavailableError;
    after that, the object cannot be used any more.
    """

    @abstractmethod
    def declare(self) -> None:
        """Create what publishing needs and does not exist yet: the default queue and the dead-letter queue.

        Raises:
            BrokerUnavailableError: the connection to the broker was lost.
        """

    @abstractmethod
    def publish(self, message: dict[str, Any], queue: str | None = None) -> None:
        """Publish one message and wait until the broker has stored it.

        Args:
            message: the notification.
            queue: the queue that gets it; None: every queue except the dead-letter queue.

        Raises:
            BrokerUnavailableError: the connection was lost, or the broker did not accept it or had no queue for it.
        """

    @abstractmethod
    def count_ready(self, consumers: Sequence[str] = ()) -> dict[str, int]:
        """Return how many messages wait in each existing queue, without those that a consumer holds.

        Args:
            consumers: whose queues to count too, if the broker cannot list them all.

        Raises:
            PipelineError: a name is not a valid consumer name.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connection; messages that are held and not acknowledged go to another consumer."""

    @abstractmethod
    def _add(self, queue: str) -> None:
        """Create a queue, which gets every notification from now on, unless it exists."""

    @abstractmethod
    def _remove(self, queue: str) -> int:
        """Delete an existing queue; return how many messages were in it."""

    @abstractmethod
    def _take(self, queue: str) -> Received | None:
        """Hold the oldest message that no consumer holds, and return it; None if there is none."""

    @abstractmethod
    def _acknowledge(self, received: Received) -> None:
        """Delete a message that this object holds."""

    @abstractmethod
    def _reject(self, received: Received) -> None:
        """Move a message that this object holds to the dead-letter queue."""

    def count_old(self, days: int) -> int:  # noqa: ARG002 - where the broker decides how long it keeps messages
        """Return how many messages nobody has consumed for longer than some days, if this object could delete them."""
        return 0

    def delete_old(self, days: int) -> int:  # noqa: ARG002
        """Delete the messages that nobody has consumed for longer than some days; return how many.

        They can be published again from the notification table. A broker with policies of its own is left alone.
        """
        return 0

    def subscribe(self, consumer: str) -> int:
        """Create a consumer's queue unless it exists; return how many messages wait in it.

        Raises:
            PipelineError: the name is not a valid consumer name.
        """
        queue = names.new_queue_name(consumer)
        self.declare()
        self._add(queue)
        return self.count_ready([consumer])[queue]

    def unsubscribe(self, consumer: str) -> int:
        """Delete a consumer's queue; return how many messages were lost with it.

        Raises:
            PipelineError: there is no such consumer.
        """
        queue = names.new_queue_name(consumer)
        self.count_ready_of(consumer)
        return self._remove(queue)

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
            self.declare()
            return 0
        next_step = f"`pipeline notifications subscribe {consumer}` creates it"
        raise PipelineError("notifications", f"there is no queue {queue}", next_step=next_step)

    def consume(
        self,
        handle: Callable[[dict[str, Any]], None],
        timeout_seconds: float,
        limit: int | None = None,
        consumer: str | None = None,
    ) -> int:
        """Pass each message to `handle`, then acknowledge it; if `handle` raises, the message is delivered again.

        A message that is not a JSON object, or for which `handle` raises an UnreadableMessageError, goes to the
        dead-letter queue. Dead letters are passed on together with their origin, see `describe_dead`.

        Args:
            handle: takes the message.
            timeout_seconds: stop after this time without a message.
            limit: stop after this many messages.
            consumer: whose queue; None: the default queue.

        Returns:
            How many messages were handled.

        Raises:
            PipelineError: there is no such consumer.
        """
        self.count_ready_of(consumer)
        queue = names.queue_name(consumer)
        read = describe_dead if consumer == names.DEAD else read_payload
        handled = 0
        while (limit is None or handled < limit) and (received := self._wait_for(queue, timeout_seconds)) is not None:
            try:
                handle(read(received))
            except UnreadableMessageError as error:
                log.warning("rejected", queue=queue, reason=str(error))
                self._reject(received)
                continue
            self._acknowledge(received)
            handled += 1
        return handled

    def _wait_for(self, queue: str, timeout_seconds: float) -> Received | None:
        """Return the next message or None. One at a time, because giving one back counts as a failed delivery."""
        deadline = time.monotonic() + timeout_seconds
        while (received := self._take(queue)) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return received


def broker_unavailable(url: str, what: str) -> BrokerUnavailableError:
    """Return the error that says what the broker at an address did, without the address's password."""
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    next_step = "check that it runs; the next `notify`, or `pipeline notifications publish`, announces what it missed"
    return BrokerUnavailableError("notifications", f"the broker at {address} {what}", next_step=next_step)
