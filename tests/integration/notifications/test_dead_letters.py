"""What cannot be read, or is never acknowledged, ends on the dead-letter queue and nowhere else."""

from typing import Any

import kombu
import psycopg
import pytest

from integration.notifications.brokers import (
    make_message,
    publish,
    publish_raw,
    take_and_die,
    take_dead,
    take_labels,
)
from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications import names
from pipeline.notifications.base import DELIVERY_LIMIT
from pipeline.notifications.message import UnreadableMessageError
from pipeline.notifications.queue import open_queue


def reject(_: dict[str, Any]) -> None:
    raise UnreadableMessageError("not understood")


def test_a_message_that_its_consumer_rejects_is_moved_whole(broker: str) -> None:
    with open_queue(broker) as queue:
        queue.subscribe("audit")
    publish(broker, "a")
    with open_queue(broker) as queue:
        assert queue.consume(reject, 0.2, consumer="audit") == 0

    (dead,) = take_dead(broker)

    assert dead["message"] == make_message("a")
    assert (dead["queue"], dead["reason"]) == (names.queue_name("audit"), "rejected")
    assert dead["id"].startswith("a:1:")
    assert take_labels(broker, "audit") == []
    assert take_labels(broker) == ["a"]


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b"{", "application/json", "{"),
        (b"\xff", "application/json", "\ufffd"),
        (b"x", "application/x-python-serialize", "x"),
    ],
)
def test_what_is_no_json_is_moved_and_does_not_stop_the_rest(
    rabbitmq: str, body: bytes, content_type: str, shown: str
) -> None:
    take_labels(rabbitmq)  # makes the queue
    publish_raw(rabbitmq, names.queue_name(), body, content_type)
    publish(rabbitmq, "a")

    assert take_labels(rabbitmq) == ["a"]
    assert [dead["message"] for dead in take_dead(rabbitmq)] == [shown]


def test_postgresql_takes_no_message_that_is_no_json(postgres_url: str) -> None:
    take_labels(postgres_url)  # makes the queue
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        publish_raw(postgres_url, names.queue_name(), b"{")


@pytest.mark.parametrize(
    "body",
    ["[1]", "null", "1.50", f'{{"label": {"9" * 5000}}}', f"{'[' * 3000}{']' * 3000}"],
    ids=["list", "null", "number", "longer number than Python reads", "deeper than Python reads"],
)
def test_json_that_cannot_be_read_as_an_object_is_moved_and_does_not_stop_the_rest(broker: str, body: str) -> None:
    take_labels(broker)
    publish_raw(broker, names.queue_name(), body.encode())
    publish(broker, "a")

    assert take_labels(broker) == ["a"]
    assert [dead["message"] for dead in take_dead(broker)] == [body]


def test_dead_letters_that_nobody_can_read_can_still_be_taken_once(broker: str) -> None:
    take_labels(broker)
    publish_raw(broker, names.queue_name(names.DEAD), b"[1]")

    assert [dead["message"] for dead in take_dead(broker)] == ["[1]"]
    with open_queue(broker) as queue:
        assert queue.count_ready_of(names.DEAD) == 0


def test_a_message_that_a_consumer_dies_on_again_and_again_does_not_go_round_for_ever(broker: str) -> None:
    publish(broker, "a", "b")
    deliveries = sum(take_and_die(broker, names.queue_name()) for _ in range(DELIVERY_LIMIT + 1))

    assert deliveries == DELIVERY_LIMIT + 1
    assert take_labels(broker) == ["b"]
    (dead,) = take_dead(broker)
    assert dead["message"] == make_message("a")
    assert (dead["queue"], dead["reason"]) == (names.queue_name(), "delivery_limit")


def test_dead_letters_can_be_looked_at_as_often_as_one_likes(broker: str) -> None:
    take_labels(broker)
    publish_raw(broker, names.queue_name(names.DEAD), b"[1]")
    for _ in range(3 * DELIVERY_LIMIT):
        assert take_and_die(broker, names.queue_name(names.DEAD))

    assert [dead["message"] for dead in take_dead(broker)] == ["[1]"]


def test_postgresql_says_that_no_queue_takes_a_message(postgres_url: str) -> None:
    with open_queue(postgres_url) as queue, pytest.raises(BrokerUnavailableError, match="no queue for a message"):
        queue.publish(make_message("a"), names.queue_name("nobody"))


def test_a_message_that_no_queue_takes_is_an_error(rabbitmq: str) -> None:
    with open_queue(rabbitmq) as queue:
        queue.publish(make_message("a"))
        with kombu.Connection(rabbitmq) as connection:
            connection.default_channel.queue_delete(names.queue_name())
        with pytest.raises(BrokerUnavailableError, match="NO_ROUTE"):
            queue.publish(make_message("b"))


def test_a_consumer_whose_queue_is_full_stops_publishing_until_it_is_gone(rabbitmq: str) -> None:
    publish(rabbitmq, "declares the exchange")
    full = {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}
    with kombu.Connection(rabbitmq) as connection:
        exchange = kombu.Exchange(names.exchange_name(), "topic")
        kombu.Queue(names.queue_name("other"), exchange, "#", queue_arguments=full)(connection).declare()

    with pytest.raises(BrokerUnavailableError, match="did not accept a message"):
        publish(rabbitmq, *"abcdefghij")  # a quorum queue counts in its own time
    with kombu.Connection(rabbitmq) as connection:
        connection.default_channel.queue_delete(names.queue_name("other"))
    publish(rabbitmq, "again")


def test_a_queue_of_an_earlier_version_can_be_emptied_and_says_what_to_do_with_it(rabbitmq: str) -> None:
    with kombu.Connection(rabbitmq) as connection:
        old = kombu.Queue(names.queue_name(), queue_arguments={"x-queue-type": "quorum"})(connection)
        old.declare()
    publish_raw(rabbitmq, names.queue_name(), b'{"label": "old"}')

    with (
        open_queue(rabbitmq) as queue,
        pytest.raises(PipelineError, match=r"rabbitmqctl delete_queue test-.*try again") as caught,
    ):
        queue.publish(make_message("a"))
    assert not isinstance(caught.value, BrokerUnavailableError)
    assert take_labels(rabbitmq) == ["old"]
