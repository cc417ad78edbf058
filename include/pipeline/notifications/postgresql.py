"""The notification queues in PostgreSQL."""

import json
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.types.json import Json

from pipeline.log import get_logger
from pipeline.notifications import base, names
from pipeline.notifications.message import Received, make_envelope
from pipeline.stores.database import check_address
from pipeline.stores.kombu_tables import move_kombu_messages
from pipeline.stores.migrations.migrate import find_newest, migrate
from pipeline.stores.queues import queries

log = get_logger(__name__)

_Answer = TypeVar("_Answer")
_one_migration = threading.Lock()  # alembic has global state


class PostgresQueue(base.NotificationQueue):
    """Queues as rows of two tables: a message has one row in each queue that existed when it was published.

    `publish` returns once all its rows are committed. No transaction is open between taking a message and acknowledging
    it: the session's advisory lock marks it as held, and ends with the session. A consumer polls ten times a second;
    NOTIFY would not report the messages that a dead consumer leaves behind.
    """

    def __init__(self, url: str, connection: psycopg.Connection[Any]) -> None:
        self._url = url
        self._connection = connection
        self._holder: int | None = None

    def declare(self) -> None:
        with self._translated():
            has_schema, has_queues, has_kombu = self._look()
            if not has_schema:
                _migrate(self._url)
            if not has_queues:
                for queue in (names.queue_name(), names.queue_name(names.DEAD)):
                    self._add(queue)
            if has_kombu and (moved := move_kombu_messages(self._connection, names.queue_name())):
                log.info("messages of an earlier version were moved to this version's tables", messages=moved)

    def publish(self, message: dict[str, Any], queue: str | None = None) -> None:
        dead = names.queue_name(names.DEAD)
        row = {"id": make_envelope(message).id, "body": Json(message), "dead": dead, "queue": queue}
        with self._translated():
            statement = queries.publish_to_all if queue is None else queries.publish_to_one
            published = self._connection.execute(statement, row).rowcount
        if not published:
            raise base.broker_unavailable(self._url, "has no queue for a message")

    def count_ready(self, consumers: Sequence[str] = ()) -> dict[str, int]:
        for consumer in consumers:
            names.queue_name(consumer)
        with self._translated():
            return dict(self._connection.execute(queries.count_ready).fetchall())

    def count_old(self, days: int) -> int:
        """Return how many messages nobody has consumed for longer than some days."""
        with self._translated():
            return int(self._ask(queries.count_old, days=days)[0])

    def delete_old(self, days: int) -> int:
        """Delete the messages that nobody has consumed for longer than some days; return how many."""
        with self._translated():
            return self._connection.execute(queries.delete_old, {"days": days}).rowcount

    def close(self) -> None:
        self._connection.close()

    def _add(self, queue: str) -> None:
        with self._translated():
            self._connection.execute(queries.insert_queue, {"queue": queue})

    def _remove(self, queue: str) -> int:
        with self._translated(), self._connection.transaction():
            self._connection.execute(queries.lock_queue, {"queue": queue})
            lost = self._connection.execute(queries.delete_messages, {"queue": queue}).rowcount
            self._connection.execute(queries.delete_queue, {"queue": queue})
        return lost

    def _take(self, queue: str) -> Received | None:
        with self._translated():
            if self._holder is None:
                self._holder = self._ask(queries.begin_holding)[0]
            while (row := self._ask(queries.take, queue=queue, holder=self._holder)) is not None:
                place, key, body, deliveries, first_death_queue, first_death_reason, _ = row
                held = {"queue": queue, "place": place, "holder": self._holder}
                if deliveries <= base.DELIVERY_LIMIT + 1 or queue == names.queue_name(names.DEAD):
                    return Received(held, _read(body), key, first_death_queue, first_death_reason)
                self._give_up(held, "delivery_limit")
        return None

    def _acknowledge(self, received: Received) -> None:
        with self._translated():
            self._connection.execute(queries.acknowledge, received.handle)

    def _reject(self, received: Received) -> None:
        with self._translated():
            self._give_up(received.handle, "rejected")

    def _give_up(self, held: dict[str, Any], reason: str) -> None:
        self._connection.execute(queries.give_up, held | {"dead": names.queue_name(names.DEAD), "reason": reason})

    def _look(self) -> tuple[bool, bool, bool]:
        """Return whether the schema is new enough, whether the first queues exist, and whether kombu's tables may."""
        always = [names.queue_name(), names.queue_name(names.DEAD)]
        try:
            found = self._ask(queries.select_ready, newest=find_newest("notifications"), queues=always)
        except psycopg.errors.UndefinedTable:
            return False, False, True
        has_schema, has_queues, has_kombu = found
        return has_schema, has_queues, has_kombu

    def _ask(self, query: str, **parameters: Any) -> Any:
        return self._connection.execute(query, parameters).fetchone()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn psycopg's errors into this project's."""
        try:
            yield
        except psycopg.Error as error:
            raise base.broker_unavailable(self._url, _describe(error)) from error


class _PunctualConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer no longer than a broker may be silent."""

    timeout_seconds: float | None = None

    def wait(self, gen: PQGen[_Answer], interval: float = 0.1, timeout: float | None = None) -> _Answer:
        return super().wait(gen, interval, self.timeout_seconds if timeout is None else timeout)


@contextmanager
def open_postgres_queue(url: str, timeout_seconds: float) -> Iterator[PostgresQueue]:
    """Connect to the database at a `postgresql://` address, and create what it lacks.

    Raises:
        BrokerUnavailableError: it cannot connect.
        PipelineError: the address is malformed, or names no host or no database.
    """
    check_address("notifications", url)
    try:
        connection = _PunctualConnection.connect(
            url, autocommit=True, connect_timeout=math.ceil(timeout_seconds), application_name="pipeline"
        )
    except psycopg.Error as error:
        raise base.broker_unavailable(url, _describe(error)) from error
    connection.timeout_seconds = timeout_seconds
    queue = PostgresQueue(url, connection)
    try:
        queue.declare()
        yield queue
    finally:
        queue.close()


def _read(body: str) -> dict[str, Any] | str:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):  # PostgreSQL allows longer numbers and deeper nesting than Python
        return body
    return content if isinstance(content, dict | str) else body


def _migrate(url: str) -> None:
    """Bring the schema up to date; a second process or thread waits and then finds nothing to do."""
    with _one_migration:
        try:
            migrate(url, "notifications")
        except Exception as error:
            # SQLAlchemy, which alembic uses, wraps the error; importing its class here would take longer than the rest
            if isinstance(cause := getattr(error, "orig", None), psycopg.Error):
                raise cause from error
            raise


def _describe(error: psycopg.Error) -> str:
    if reply := error.diag.message_primary:
        return f"refused ({reply})"
    return f"does not answer ({type(error).__name__})"
