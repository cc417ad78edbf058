"""The default notification queue on each broker."""

from typing import Any

import kombu
import pytest

from integration.notifications.brokers import make_message, publish, take_labels
from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications import names
from pipeline.notifications.queue import open_queue


def test_messages_arrive_once_whole_and_in_order(broker: str) -> None:
    seen: list[dict[str, Any]] = []
    publish(broker, "a", "b")

    with open_queue(broker) as queue:
        assert queue.consume(seen.append, timeout_seconds=0.2) == 2
        assert queue.consume(seen.append, timeout_seconds=0.2) == 0
    assert seen == [make_message("a"), make_message("b")]


def test_a_message_outlives_its_broker_and_says_what_it_is(rabbitmq: str) -> None:
    publish(rabbitmq, "a")

    with kombu.Connection(rabbitmq) as connection:
        received = kombu.Queue(names.queue_name())(connection.default_channel).get()
        properties = received.properties
        received.ack()
    assert properties["delivery_mode"] == 2
    assert properties["message_id"].startswith("a:1:")
    assert (properties["type"], properties["app_id"]) == ("label.trained", "pipeline")
    assert isinstance(properties["timestamp"], int)
    assert (received.content_type, received.content_encoding) == ("application/json", "utf-8")


def test_a_message_is_handed_to_one_consumer_at_a_time(broker: str) -> None:
    publish(broker, "a", "b")
    seen: list[list[str]] = []

    with open_queue(broker) as queue:
        queue.consume(lambda _: seen.append(take_labels(broker)), timeout_seconds=0.2)

    assert seen == [["b"]]


def test_what_waits_does_not_hold_what_is_held(broker: str) -> None:
    publish(broker, "a", "b")
    counts: list[int] = []

    with open_queue(broker) as queue:
        queue.consume(lambda _: counts.append(count_ready(broker)), timeout_seconds=0.2)

    assert counts == [1, 0]


def test_an_address_that_no_broker_has_is_a_sentence() -> None:
    with pytest.raises(PipelineError, match="no supported broker has an address with foo://"), open_queue("foo://bar"):
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


def count_ready(broker: str) -> int:
    """Return how many messages another connection sees waiting on the default queue."""
    with open_queue(broker) as queue:
        return queue.count_ready_of(None)


@pytest.mark.parametrize(
    "address", ["amqp://guest:secret@127.0.0.1:1//", "postgresql://pipeline:secret@127.0.0.1:1/notifications"]
)
def test_a_broker_that_is_down_says_where_without_its_password(address: str) -> None:
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1:1") as caught, open_queue(address):
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("postgresql://pipeline:secret@127.0.0.1/notifications?nonsense=1", "its address is malformed"),
        ("postgresql://pipeline:secret@127.0.0.1:secret/notifications", "its address is malformed"),
        ("postgresql://pipeline:secret@127.0.0.1:99999/notifications", "its address is malformed"),
        ("postgresql://[pipeline:secret@127.0.0.1/notifications", "its address is malformed"),
        ("postgresql://", "its address does not name a host and a database"),
        ("postgresql://pipeline:secret@127.0.0.1", "its address does not name a host and a database"),
        ("postgresql:///notifications", "its address does not name a host and a database"),
        ("amqp://pipeline:secret@127.0.0.1:secret//", "its address is malformed"),
        ("amqp://pipeline:secret@[::1//", "its address is malformed"),
        ("secret", "it is not an address"),
    ],
)
def test_an_address_that_is_none_is_a_sentence_without_its_password(address: str, what: str) -> None:
    with pytest.raises(PipelineError, match=what) as caught, open_queue(address):
        pass
    assert "secret" not in str(caught.value)


def test_an_address_as_airflow_writes_it_is_one(postgres_url: str) -> None:
    publish(postgres_url.replace("postgresql:", "postgres:"), "a")

    assert take_labels(postgres_url) == ["a"]
