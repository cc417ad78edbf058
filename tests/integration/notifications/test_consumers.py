"""Several consumers, each with a queue of its own."""

import kombu
import pytest

from integration.notifications.brokers import make_message, publish, take_labels
from pipeline.errors import PipelineError
from pipeline.notifications import names
from pipeline.notifications.queue import open_queue


def test_every_consumer_gets_every_label_that_came_after_it(broker: str) -> None:
    publish(broker, "before")
    with open_queue(broker) as queue:
        assert queue.subscribe("audit") == queue.subscribe("serving") == 0
    publish(broker, "a", "b")

    assert take_labels(broker, "audit") == take_labels(broker, "serving") == ["a", "b"]
    assert take_labels(broker) == ["before", "a", "b"]


def test_a_publisher_that_is_open_already_finds_a_new_consumer(broker: str) -> None:
    with open_queue(broker) as publisher:
        publisher.publish(make_message("a"))
        with open_queue(broker) as queue:
            queue.subscribe("audit")
        publisher.publish(make_message("b"))

    assert take_labels(broker, "audit") == ["b"]


def test_a_message_that_one_consumer_failed_on_comes_again_to_it_alone(broker: str) -> None:
    with open_queue(broker) as queue:
        queue.subscribe("audit")
    publish(broker, "a")

    with pytest.raises(ZeroDivisionError), open_queue(broker) as queue:
        queue.consume(lambda _: 1 // 0, 1, consumer="audit")  # type: ignore[arg-type]

    assert take_labels(broker, "audit") == take_labels(broker) == ["a"]


def test_subscribing_twice_keeps_what_waits(broker: str) -> None:
    with open_queue(broker) as queue:
        queue.subscribe("audit")
    publish(broker, "a")

    with open_queue(broker) as queue:
        assert queue.subscribe("audit") == 1
    assert take_labels(broker, "audit") == ["a"]


def test_unsubscribing_says_what_is_lost_and_leaves_the_others(broker: str) -> None:
    with open_queue(broker) as queue:
        queue.subscribe("audit")
        queue.subscribe("serving")
    publish(broker, "a", "b")

    with open_queue(broker) as queue:
        assert queue.unsubscribe("audit") == 2
        counts = queue.count_ready(["audit", "serving"])
    publish(broker, "c")

    assert counts == {names.queue_name(): 2, names.queue_name("dead"): 0, names.queue_name("serving"): 2}
    assert take_labels(broker, "serving") == ["a", "b", "c"]
    with open_queue(broker) as queue, pytest.raises(PipelineError, match=r"there is no queue .*audit"):
        queue.unsubscribe("audit")


def test_one_queue_alone_can_be_published_to(broker: str) -> None:
    with open_queue(broker) as queue:
        queue.subscribe("audit")
        queue.publish(make_message("a"), names.queue_name("audit"))

    assert take_labels(broker, "audit") == ["a"]
    assert take_labels(broker) == []


def test_a_consumer_that_is_not_subscribed_makes_no_queue_by_reading(broker: str) -> None:
    with open_queue(broker) as queue, pytest.raises(PipelineError, match="subscribe audit` creates it"):
        queue.consume(print, 0, consumer="audit")
    with open_queue(broker) as queue:
        assert names.queue_name("audit") not in queue.count_ready(["audit"])


@pytest.mark.parametrize("name", ["dead", "", "Audit", "a.b", "-a", "a" * 64, "a\n"])
def test_a_name_that_no_consumer_can_have_is_refused(name: str, postgres_url: str) -> None:
    with open_queue(postgres_url) as queue, pytest.raises(PipelineError):
        queue.subscribe(name)
    with open_queue(postgres_url) as queue, pytest.raises(PipelineError):
        queue.unsubscribe(name)


def test_a_routing_key_lets_a_consumer_choose(rabbitmq: str) -> None:
    publish(rabbitmq, "declares the exchange")
    with kombu.Connection(rabbitmq) as connection:
        exchange = kombu.Exchange(names.exchange_name(), "topic")
        queue = kombu.Queue(names.queue_name("other"), exchange, "*.*.scikit_model_linear_svm")(connection)
        queue.declare()
        with open_queue(rabbitmq) as publisher:
            publisher.publish(make_message("a"))
            publisher.publish(make_message("b", model="scikit_model_linear_svm"))
        received = queue.get()

        assert received.payload["label"] == "b"
        assert received.delivery_info["routing_key"] == "SpanDataset.WordFrequencyAdapter.scikit_model_linear_svm"
        received.ack()
        assert queue.get() is None
