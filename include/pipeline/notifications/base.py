"""What a notification queue promises, whichever broker keeps it."""

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

# For each step: connecting, declaring, publishing, being confirmed. A broker that is silent for longer is down.
TIMEOUT_SECONDS = 10
# A message is delivered once and so many times more; then it is a dead letter.
DELIVERY_LIMIT = 5
_POLL_SECONDS = 0.1


class NotificationQueue(ABC):
    """The default queue and one more for each consumer: durable queues of JSON messages, each with every label.

    A message is handed to one consumer of its queue at a time, the oldest first. It stays the broker's until it is
    acknowledged: when the consumer that holds it ends in any way, another one gets it. So it can come twice, and is
    never lost. What was delivered `DELIVERY_LIMIT` times more than once goes to the dead-letter queue.

    Any number of processes may publish, subscribe and consume at once. One object is one connection: it belongs to
    `open_queue`, which closes it, and is used by one thread at a time. After a BrokerUnavailableError, which any
    method may raise, it is of no more use.
    """

    @abstractmethod
    def declare(self) -> None:
        """Make what publishing needs, the default queue and the dead-letter queue, where they are not there yet.

        Raises:
            BrokerUnavailableError: the broker went away.
        """

    @abstractmethod
    def publish(self, message: dict[str, Any], queue: str | None = None) -> None:
        """Publish one message and wait until the broker has it for good.

        Args:
            message: the notification.
            queue: the one that gets it; without it, every queue but the dead-letter queue does.

        Raises:
            BrokerUnavailableError: the broker went away, did not take it or had no queue for it.
        """

    @abstractmethod
    def count_ready(self, consumers: Sequence[str] = ()) -> dict[str, int]:
        """Return how many messages wait in each queue that there is; held ones do not.

        Args:
            consumers: whose queues to count too, where the broker cannot list them all.

        Raises:
            PipelineError: no consumer can have such a name.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection; what is held and not acknowledged goes to another consumer."""

    @abstractmethod
    def _add(self, queue: str) -> None:
        """Make a queue, which gets every notification from now on, unless it is there."""

    @abstractmethod
    def _remove(self, queue: str) -> int:
        """Delete a queue that is there; return how many messages were in it."""

    @abstractmethod
    def _take(self, queue: str) -> Received | None:
        """Hold the oldest message that nobody holds, and return it; None where there is none."""

    @abstractmethod
    def _acknowledge(self, received: Received) -> None:
        """Delete a message that this object holds."""

    @abstractmethod
    def _reject(self, received: Received) -> None:
        """Move a message that this object holds to the dead-letter queue."""

    def subscribe(self, consumer: str) -> int:
        """Make a consumer's queue unless it is there; return how many messages wait in it.

        Raises:
            PipelineError: no consumer can have that name.
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
        next_step = f"`pipeline notifications subscribe {consumer}` makes it"
        raise PipelineError("notifications", f"there is no queue {queue}", next_step=next_step)

    def consume(
        self,
        handle: Callable[[dict[str, Any]], None],
        timeout_seconds: float,
        limit: int | None = None,
        consumer: str | None = None,
    ) -> int:
        """Hand each message to `handle` and acknowledge it after; a message that `handle` raised on comes again.

        A message that is no JSON object, or that `handle` raises an UnreadableMessageError on, goes to the dead-letter
        queue. Dead letters are handed over with where they come from, see `describe_dead`.

        Args:
            handle: takes the message.
            timeout_seconds: stop when none has come for so long.
            limit: stop after so many.
            consumer: whose queue; the default one where none is named.

        Returns:
            How many were handled.

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
        """Return the next message or None. One at a time: what is taken and given back counts as a failed delivery."""
        deadline = time.monotonic() + timeout_seconds
        while (received := self._take(queue)) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return received


def broker_unavailable(url: str, what: str) -> BrokerUnavailableError:
    """Return the error that says what the broker at an address did; its password is not shown."""
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}{parts.path}"
    next_step = "see that it runs; whatever is not announced is announced by the next `notify`"
    return BrokerUnavailableError("notifications", f"the broker at {address} {what}", next_step=next_step)
