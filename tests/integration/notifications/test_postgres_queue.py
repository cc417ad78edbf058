"""What the queues in PostgreSQL promise besides: beside each other, beside plain SQL, and beside VACUUM."""

import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory

from integration.notifications.brokers import make_message, publish, take_labels
from pipeline.errors import BrokerUnavailableError
from pipeline.notifications import names
from pipeline.notifications.queue import open_queue
from pipeline.stores.migrations import migrate as migrations
from pipeline.stores.migrations.migrate import Schema, find_newest
from pipeline.stores.queues import queries

OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pipeline' AND datname = current_database()"
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pipeline' AND state <> 'idle'"
FILL = """
INSERT INTO notification_messages (queue, body)
SELECT name, '{}' FROM notification_queues, generate_series(1, 5000) WHERE name <> 'dead'
"""


def test_consumers_of_one_queue_share_it_and_each_sees_its_part_in_order(postgres_url: str) -> None:
    labels = [f"{number:03}" for number in range(200)]
    publish(postgres_url, *labels)
    parts: list[list[str]] = []

    consumers = [threading.Thread(target=lambda: parts.append(take_labels(postgres_url))) for _ in range(4)]
    for consumer in consumers:
        consumer.start()
    for consumer in consumers:
        consumer.join()

    assert sorted(label for part in parts for label in part) == labels
    assert all(part == sorted(part) for part in parts)


def test_no_transaction_is_open_while_a_message_is_worked_on(postgres_url: str) -> None:
    publish(postgres_url, *(f"label-{number}" for number in range(300)))
    take_labels(postgres_url, limit=299)
    sizes: list[int] = []

    def look(_: dict[str, Any]) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            assert connection.execute(BUSY).fetchone() == (0,)
            connection.execute("VACUUM notification_messages")
            sizes.extend(
                connection.execute(
                    "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'notification_messages'"
                ).fetchone()
                or ()
            )

    with open_queue(postgres_url) as queue:
        assert queue.consume(look, 0.2) == 1
    assert sizes == [0]


def test_the_oldest_message_is_found_without_reading_those_of_another_queue(postgres_url: str) -> None:
    values = {"queue": names.queue_name("audit"), "holder": 1}
    with open_queue(postgres_url) as queue, psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(FILL)
        queue.subscribe("audit")
        connection.execute("ANALYZE notification_messages")
        plan = "\n".join(line for (line,) in connection.execute("EXPLAIN (ANALYZE, BUFFERS) " + queries.take, values))

    assert "Seq Scan" not in plan
    assert "Sort" not in plan
    assert "Removed by Filter" not in plan


def test_a_session_that_the_server_ends_costs_a_double_and_no_message(postgres_url: str) -> None:
    publish(postgres_url, "a")

    def end_session(_: dict[str, Any]) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for (pid,) in connection.execute(OURS).fetchall():
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])

    with pytest.raises(BrokerUnavailableError), open_queue(postgres_url) as queue:
        queue.consume(end_session, 0.2)
    assert take_labels(postgres_url) == ["a"]


def test_a_queue_may_go_while_its_message_is_worked_on(postgres_url: str) -> None:
    with open_queue(postgres_url) as queue:
        queue.subscribe("audit")
    publish(postgres_url, "a")

    def unsubscribe(_: dict[str, Any]) -> None:
        with open_queue(postgres_url) as other:
            assert other.unsubscribe("audit") == 1

    with open_queue(postgres_url) as queue:
        assert queue.consume(unsubscribe, 0, limit=1, consumer="audit") == 1
        assert names.queue_name("audit") not in queue.count_ready()


def test_a_queue_that_goes_while_a_message_is_published_gets_none(postgres_url: str) -> None:
    with open_queue(postgres_url) as queue:
        queue.subscribe("audit")
    publisher = threading.Thread(target=publish, args=(postgres_url, "a"))
    with psycopg.connect(postgres_url) as connection:
        connection.execute(queries.lock_queue, {"queue": names.queue_name("audit")})
        publisher.start()
        publisher.join(1)
        assert publisher.is_alive()
        connection.execute(queries.delete_queue, {"queue": names.queue_name("audit")})
    publisher.join(20)

    assert take_labels(postgres_url) == ["a"]


def test_processes_that_begin_at_once_make_the_tables_once(postgres_url: str) -> None:
    code = "import sys; from pipeline.notifications.queue import open_queue\nwith open_queue(sys.argv[1]): pass"
    command = [sys.executable, "-c", code, postgres_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]

    said = [process.communicate(timeout=120)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], said
    publish(postgres_url, "a")


def test_threads_that_begin_at_once_make_the_tables_once(postgres_url: str) -> None:
    threads = [threading.Thread(target=publish, args=(postgres_url, "a")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert take_labels(postgres_url) == ["a"] * 4


def test_tables_of_a_later_version_are_left_as_they_are(postgres_url: str) -> None:
    publish(postgres_url, "a")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE notifications_schema_version SET version_num = '0999'")

    publish(postgres_url, "b")

    assert take_labels(postgres_url) == ["a", "b"]


@pytest.mark.parametrize("schema", [*migrations.SCHEMAS, "notifications"])
def test_the_newest_migration_is_the_one_that_alembic_finds(schema: Schema) -> None:
    folder = migrations._FOLDER / schema

    assert find_newest(schema) == ScriptDirectory(str(folder)).get_current_head()


def test_a_message_says_nothing_that_was_not_published(postgres_url: str) -> None:
    message = make_message("a", scores={"accuracy": 1e16, "f1": 0.1, "text": "\0 \ud800"})
    seen: list[dict[str, Any]] = []
    with open_queue(postgres_url) as queue:
        queue.publish(message)
        queue.consume(seen.append, 0.2)

    assert seen == [message]
    assert isinstance(seen[0]["scores"]["accuracy"], float)
