"""What an earlier version left in kombu's own tables, written there by kombu."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
import psycopg
import pytest

from integration.notifications.brokers import make_message, publish, take_dead, take_labels
from pipeline.notifications import names
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue

# SQLAlchemy 2.1 says this of the way in which kombu declares its tables.
pytestmark = pytest.mark.filterwarnings("ignore:The .+noload.+ loader strategy is deprecated")

TABLES = "SELECT count(*) FROM pg_class WHERE relname LIKE 'kombu%' OR relname IN ('queue_id_sequence')"
ROWS = "SELECT id, extract(epoch FROM published_at)::int FROM notification_messages ORDER BY place"


@contextmanager
def open_kombu(url: str) -> Iterator[Any]:
    """Yield a connection that makes kombu's tables, as each process of an earlier version did."""
    with kombu.Connection(url.replace("postgresql:", "sqla+postgresql+psycopg:")) as connection:
        yield connection
        session = connection.default_channel.session
        connection.default_channel._engines.clear()
    session.close()
    session.get_bind().dispose()


def put(connection: Any, queue: str, body: Any, **properties: Any) -> None:
    """Publish as an earlier version did: a dict as JSON, bytes as they are."""
    if isinstance(body, dict):
        properties = {
            "serializer": "json",
            "message_id": make_envelope(body).id,
            "timestamp": 1_451_606_400,
            **properties,
        }
    connection.Producer().publish(body, exchange="", routing_key=queue, delivery_mode="persistent", **properties)


def take(connection: Any, queue: str) -> Any:
    """Take a message off one of kombu's queues."""
    return kombu.Queue(queue)(connection.default_channel).get(accept=["json"])


@pytest.fixture
def earlier(postgres_url: str) -> str:
    """A database that an earlier version has used: three queues, and messages of every kind."""
    default, audit, dead = names.queue_name(), names.queue_name("audit"), names.queue_name(names.DEAD)
    with open_kombu(postgres_url) as connection:
        for label in ("gone", "a", "b"):
            for queue in (default, audit):
                put(connection, queue, make_message(label))
        take(connection, default).ack()  # its row stays, and is not visible
        taken = take(connection, audit)
        put(connection, audit, make_message("c"))
        taken.requeue()  # becomes a new row, behind the others
        put(connection, default, b"{", content_type="application/json", content_encoding="utf-8")
        put(connection, default, b"NaN", content_type="application/json", content_encoding="utf-8")
        headers = {"x-first-death-queue": audit, "x-first-death-reason": "rejected"}
        put(connection, dead, make_message("dead", text="\0 \ud800 é"), headers=headers)
    return postgres_url


def test_what_waits_is_moved_in_its_order_with_all_it_says(earlier: str) -> None:
    publish(earlier, "new")

    assert take_labels(earlier, "audit") == ["a", "b", "c", "gone", "new"]
    assert take_labels(earlier) == ["a", "b", "new"]
    found = {dead["message"] if isinstance(dead["message"], str) else "": dead for dead in take_dead(earlier)}
    assert found.keys() == {"{", "NaN", ""}
    assert found[""]["message"] == make_message("dead", text="\0 \ud800 é")
    assert (found[""]["queue"], found[""]["reason"]) == (names.queue_name("audit"), "rejected")
    assert found[""]["id"].startswith("dead:1:")


def test_ids_and_times_stay(earlier: str) -> None:
    with open_queue(earlier), psycopg.connect(earlier) as connection:
        rows = connection.execute(ROWS).fetchall()

    assert len(rows) == 9
    assert {published for id_, published in rows if id_} == {1_451_606_400}
    assert (make_envelope(make_message("a")).id, 1_451_606_400) in rows


def test_kombus_tables_are_gone_after_it(earlier: str) -> None:
    with open_queue(earlier), psycopg.connect(earlier) as connection:
        assert connection.execute(TABLES).fetchone() == (0,)


def test_processes_that_upgrade_at_once_move_each_message_once(earlier: str) -> None:
    at_once = threading.Barrier(4)

    def upgrade() -> None:
        at_once.wait(20)
        with open_queue(earlier) as queue:
            queue.declare()

    upgraders = [threading.Thread(target=upgrade) for _ in range(4)]
    for upgrader in upgraders:
        upgrader.start()
    for upgrader in upgraders:
        upgrader.join()

    assert take_labels(earlier, "audit") == ["a", "b", "c", "gone"]


def test_what_a_process_of_the_earlier_version_publishes_after_it_is_moved_too(earlier: str) -> None:
    take_labels(earlier)
    with open_kombu(earlier) as connection:
        put(connection, names.queue_name(), make_message("late"))

    assert take_labels(earlier) == ["late"]


def test_queues_that_somebody_else_keeps_there_stay(earlier: str) -> None:
    with open_kombu(earlier) as connection:
        put(connection, "celery", make_message("theirs"))
    publish(earlier, "new")
    with psycopg.connect(earlier) as connection:
        connection.execute("SELECT FROM kombu_message FOR UPDATE")  # whoever uses it is not waited for
        publish(earlier, "new")

    assert take_labels(earlier, "audit") == ["a", "b", "c", "gone", "new", "new"]
    with open_kombu(earlier) as connection:
        assert take(connection, "celery").payload["label"] == "theirs"
    with open_queue(earlier) as queue:
        assert "celery" not in queue.count_ready()
