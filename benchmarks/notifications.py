"""How fast notifications are published and consumed: `python benchmarks/notifications.py [AMQP_ADDRESS]`.

The queues in PostgreSQL against kombu's SQLAlchemy transport on the same server, which kept them before, with the same
steps as then; and against RabbitMQ where its address is given. Each message goes to two queues, and one of them is
emptied, one message at a time. The ways take turns; medians of some rounds. The server keeps what it is given: fsync
is on.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import kombu
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import format_machine
from scratch import scratch_environment

from integration.notifications.brokers import make_message
from pipeline.notifications import names
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue

MESSAGES, ROUNDS, ASKED = 300, 5, 300
STEPS = ("publish", "consume", "ask an empty queue")
CONSUMER = "audit"

SELECT_QUEUES = text("SELECT name FROM kombu_queue ORDER BY name")
DELETE_DELIVERED = text("DELETE FROM kombu_message WHERE NOT visible")


class Way(Protocol):
    """What is measured of a queue."""

    def publish(self, message: dict[str, Any]) -> None:
        """Publish a message to both queues."""

    def take(self) -> bool:
        """Take a message off one of them and acknowledge it; return whether there was one."""


class Ours:
    """The queue as it is, on either broker."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self.publish = queue.publish

    def take(self) -> bool:
        """Take a message, without what `consume` asks once before the first."""
        received = self._queue._take(names.queue_name(CONSUMER))  # noqa: SLF001
        if received is not None:
            self._queue._acknowledge(received)  # noqa: SLF001
        return received is not None


class Kombus:
    """What kept the queues before: the names of the queues from kombu's table, and kombu for the rest."""

    def __init__(self, connection: Any) -> None:
        self._session = connection.default_channel.session
        self._producer = connection.Producer(serializer="json")
        self._queues = [kombu.Queue(name)(connection.default_channel) for name in ("default", CONSUMER)]
        for queue in self._queues:
            queue.declare()

    def publish(self, message: dict[str, Any]) -> None:
        """Put a message on each queue by its name."""
        with self._session.begin():
            queues = [*self._session.scalars(SELECT_QUEUES)]
        for queue in queues:
            self._producer.publish(message, exchange="", routing_key=queue, message_id=make_envelope(message).id)

    def take(self) -> bool:
        """Get a message; kombu marks it as delivered, and leaves it."""
        received = self._queues[1].get(accept=["json"])
        if received is not None:
            received.ack()
        return received is not None


@contextmanager
def open_ours(url: str) -> Iterator[Way]:
    """Yield our queue with a second consumer, which is gone after."""
    with open_queue(url) as queue:
        queue.subscribe(CONSUMER)
        yield Ours(queue)
        queue.consume(lambda _: None, 0.2)
        queue.unsubscribe(CONSUMER)


@contextmanager
def open_kombus(url: str) -> Iterator[Way]:
    """Yield kombu's queues, on tables that have nothing delivered in them: each `notify` deleted that."""
    with kombu.Connection(url.replace("postgresql:", "sqla+postgresql+psycopg:")) as connection:
        way = Kombus(connection)
        yield way
        session = connection.default_channel.session
        with session.begin():
            session.execute(DELETE_DELIVERED)
        session.close()


def measure(way: Way) -> tuple[float, ...]:
    """Return how many messages are published and consumed, and how often an empty queue is asked, a second."""
    while way.take():
        pass
    marks = [time.perf_counter()]
    for number in range(MESSAGES):
        way.publish(make_message(f"label-{number}"))
    marks.append(time.perf_counter())
    for _ in range(MESSAGES):
        if not way.take():
            raise SystemExit("a message is lost")
    marks.append(time.perf_counter())
    for _ in range(ASKED):
        way.take()
    marks.append(time.perf_counter())
    counts = (MESSAGES, MESSAGES, ASKED)
    return tuple(count / (end - begin) for count, begin, end in zip(counts, marks, marks[1:], strict=False))


def main() -> None:
    """Measure and print."""
    warnings.filterwarnings("ignore", message="The .+noload.+ loader strategy")
    names.PREFIX = "benchmark"
    with scratch_environment({}) as environment, ExitStack() as stack:
        url = environment["AIRFLOW_CONN_NOTIFICATIONS"]
        ways: dict[str, Callable[[], AbstractContextManager[Way]]] = {
            "kombu on PostgreSQL": lambda: open_kombus(url.replace("/models", "/examples")),
            "PostgreSQL": lambda: open_ours(url),
        }
        if len(sys.argv) > 1:
            ways["RabbitMQ"] = lambda: open_ours(sys.argv[1])
        opened = {name: stack.enter_context(way()) for name, way in ways.items()}
        rounds = [{name: measure(way) for name, way in opened.items()} for _ in range(ROUNDS)]
    medians = {name: [median(each[name][step] for each in rounds) for step in range(len(STEPS))] for name in ways}
    print(format_machine() + "\n\n| a second | " + " | ".join(ways) + " | ratio to kombu on PostgreSQL |")
    print("| --- |" + " ---: |" * (len(ways) + 1))
    for step, name in enumerate(STEPS):
        figures = [medians[way][step] for way in ways]
        print(
            f"| {name} | " + " | ".join(f"{figure:,.0f}" for figure in figures) + f" | {figures[1] / figures[0]:.2f} |"
        )


if __name__ == "__main__":
    main()
