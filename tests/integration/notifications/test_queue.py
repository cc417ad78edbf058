"""The default notification queue on each broker."""

from typing import Any

import kombu
import pytest

from integration.notifications.brokers import make_message, publish, take_labels
from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications import names
from pipeline.notifications.broker import broker_url
from pipeline.notifications.queue import open_queue


def test_messages_arrive_once_whole_and_in_order(broker: str) -> None:
    seen: list[dict[str, Any]] = []
    publish(broker, "a", "b")

    with open_queue(broker) as queue:
        assert queue.consume(seen.append, timeout_seconds=0.2) == 2
        assert queue.consume(seen.append, timeout_seconds=0.2) == 0
    assert seen == [make_message("a"), make_message("b")]


def test_a_message_outlives_its_broker_and_says_what_it_is(broker: str) -> None:
    publish(broker, "a")

    with kombu.Connection(broker_url(broker)) as connection:
        received = kombu.Queue(names.queue_name())(connection.default_channel).get()
        properties = received.properties
        received.ack()
        if connection.transport.driver_type == "sql":
            connection.default_channel.session.close()
    assert properties["delivery_mode"] == 2
    assert properties["message_id"].startswith("a:1:")
    assert (properties["type"], properties["app_id"]) == ("label.trained", "pipeline")
    assert isinstance(properties["timestamp"], int)
    assert (received.content_type, received.content_encoding) == ("application/json", "utf-8")


def test_an_address_that_no_broker_has_is_a_sentence() -> None:
    with pytest.raises(PipelineError, match="no broker is spoken to by foo://"), open_queue("foo://bar"):
        pass


def test_a_limit_leaves_the_rest_on_the_queue(broker: str) -> None:
    publish(broker, "a", "b", "c")

    assert [take_labels(broker, limit=limit) for limit in (1, 2)] == [["a"], ["b", "c"]]


def test_taking_one_at_a_time_wears_no_message_out(broker: str) -> None:
    labels = [f"label-{number}" for number in range(12)]
    publish(broker, *labels)

    assert [take_labels(broker, limit=1) for _ in labels] == [[label] for label in labels]


def test_a_message_that_its_consumer_failed_on_comes_again(broker: str) -> None:
    publish(broker, "a")

    def fail(_: dict[str, Any]) -> None:
        raise RuntimeError("consumer died")

    with pytest.raises(RuntimeError, match="consumer died"), open_queue(broker) as queue:
        queue.consume(fail, timeout_seconds=1)
    assert take_labels(broker) == ["a"]


def test_a_queue_that_nothing_was_published_to_is_empty(broker: str) -> None:
    assert take_labels(broker) == []
    assert take_labels(broker, names.DEAD) == []


@pytest.mark.parametrize(
    "address", ["amqp://guest:secret@127.0.0.1:1//", "postgresql://pipeline:secret@127.0.0.1:1/notifications"]
)
def test_a_broker_that_is_down_says_where_without_its_password(address: str) -> None:
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1:1") as caught, open_queue(address):
        pass
    assert "secret" not in str(caught.value)
