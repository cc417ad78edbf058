"""The notification queue on each broker: the deployment's PostgreSQL, and RabbitMQ where there is one."""

import os
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import kombu
import pytest

from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications import queue as notification_queue
from pipeline.notifications.queue import open_queue

RABBITMQ = os.environ.get("PIPELINE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


def rabbitmq_answers() -> bool:
    try:
        address = urlsplit(RABBITMQ)
        with socket.create_connection((address.hostname or "127.0.0.1", address.port or 5672), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(params=["postgresql", "rabbitmq"])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a broker on which our queue is empty and nobody else's."""
    monkeypatch.setattr(notification_queue, "QUEUE", f"test.{uuid4().hex}")
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_url")
        return
    if not rabbitmq_answers():
        if os.environ.get("CI"):
            pytest.fail("RabbitMQ does not answer, and in CI it must")
        pytest.skip("no RabbitMQ on this machine")
    yield RABBITMQ
    with kombu.Connection(RABBITMQ) as connection:
        channel = connection.channel()
        channel.queue_delete(notification_queue.QUEUE)
        channel.exchange_delete(notification_queue.QUEUE)


def message(label: str) -> dict[str, Any]:
    return {"label": label, "version": 1}


def publish(broker: str, *labels: str) -> None:
    with open_queue(broker) as queue:
        for label in labels:
            queue.publish(message(label))


def test_messages_arrive_once_and_in_order(broker: str) -> None:
    seen: list[dict[str, Any]] = []
    publish(broker, "a", "b")

    with open_queue(broker) as queue:
        assert queue.consume(seen.append, timeout_seconds=1) == 2
        assert queue.consume(seen.append, timeout_seconds=0.2) == 0
    assert seen == [message("a"), message("b")]


def test_a_message_outlives_its_broker_and_can_be_told_from_a_double(broker: str) -> None:
    publish(broker, "a")

    with kombu.Connection(notification_queue.broker_url(broker)) as connection:
        received = connection.SimpleQueue(notification_queue.NotificationQueue(connection).queue).get(timeout=2)
    assert received.properties["delivery_mode"] == 2
    assert received.properties["message_id"] == "a:1"


def test_an_address_that_no_broker_has_is_a_sentence() -> None:
    with pytest.raises(PipelineError, match="no broker is spoken to by foo://"), open_queue("foo://bar"):
        pass


def test_a_limit_leaves_the_rest_on_the_queue(broker: str) -> None:
    seen: list[str] = []
    publish(broker, "a", "b", "c")

    for limit in (1, 2):
        with open_queue(broker) as queue:
            queue.consume(lambda found: seen.append(found["label"]), timeout_seconds=1, limit=limit)
    assert seen == ["a", "b", "c"]


def test_a_message_that_its_consumer_failed_on_comes_again(broker: str) -> None:
    seen: list[str] = []
    publish(broker, "a")

    def fail(_: dict[str, Any]) -> None:
        raise RuntimeError("consumer died")

    with pytest.raises(RuntimeError, match="consumer died"), open_queue(broker) as queue:
        queue.consume(fail, timeout_seconds=1)
    with open_queue(broker) as queue:
        queue.consume(lambda found: seen.append(found["label"]), timeout_seconds=1)
    assert seen == ["a"]


@pytest.mark.parametrize(
    "address", ["amqp://guest:secret@127.0.0.1:1//", "postgresql://pipeline:secret@127.0.0.1:1/notifications"]
)
def test_a_broker_that_is_down_says_where_without_its_password(address: str) -> None:
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1:1") as caught, open_queue(address):
        pass
    assert "secret" not in str(caught.value)
