"""What cannot be read, or is never acknowledged, ends on the dead-letter queue and nowhere else."""

from typing import Any

import kombu
import pytest

from integration.notifications.brokers import make_message, publish, publish_raw, take_dead, take_labels
from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications import names
from pipeline.notifications.broker import broker_url
from pipeline.notifications.message import UnreadableMessageError
from pipeline.notifications.queue import open_queue
from pipeline.notifications.rabbitmq import DELIVERY_LIMIT


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
        (b"[1]", "application/json", "[1]"),
        (b"\xff", "application/json", "\ufffd"),
        (b"x", "application/x-python-serialize", "x"),
    ],
)
def test_what_is_no_json_object_is_moved_and_does_not_stop_the_rest(
    broker: str, body: bytes, content_type: str, shown: str
) -> None:
    take_labels(broker)  # makes the queue
    publish_raw(broker_url(broker), names.queue_name(), body, content_type)
    publish(broker, "a")

    assert take_labels(broker) == ["a"]
    assert [dead["message"] for dead in take_dead(broker)] == [shown]


def test_dead_letters_that_nobody_can_read_can_still_be_taken_once(broker: str) -> None:
    take_labels(broker)
    publish_raw(broker_url(broker), names.queue_name(names.DEAD), b"{")

    assert [dead["message"] for dead in take_dead(broker)] == ["{"]
    with open_queue(broker) as queue:
        assert queue.count_ready_of(names.DEAD) == 0


def test_a_message_that_a_consumer_dies_on_again_and_again_does_not_go_round_for_ever(rabbitmq: str) -> None:
    publish(rabbitmq, "a")
    deliveries = 0
    for _ in range(2 * DELIVERY_LIMIT):
        with kombu.Connection(rabbitmq) as connection:  # ends with the message unacknowledged
            deliveries += kombu.Queue(names.queue_name())(connection.default_channel).get() is not None

    (dead,) = take_dead(rabbitmq)

    assert deliveries == DELIVERY_LIMIT + 1
    assert dead["message"]["label"] == "a"
    assert dead["reason"] == "delivery_limit"


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

    with pytest.raises(BrokerUnavailableError, match="did not take a message"):
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
