"""A broker that says nothing more: an error in time, whatever it was in the middle of."""

import socket
from collections.abc import Callable, Iterator

import pytest

from integration.notifications.brokers import Proxy, make_message
from pipeline.errors import BrokerUnavailableError
from pipeline.notifications import base
from pipeline.notifications.base import NotificationQueue
from pipeline.notifications.queue import open_queue

# Each step may take this long; a test that takes the pytest timeout hangs.
pytestmark = pytest.mark.timeout(30)
SECONDS = 1

STEPS: dict[str, Callable[[NotificationQueue], object]] = {
    "publish": lambda queue: queue.publish(make_message("b")),
    "subscribe": lambda queue: queue.subscribe("audit"),
    "count": lambda queue: queue.count_ready(),
    "consume": lambda queue: queue.consume(lambda _: None, 0),
    "unsubscribe": lambda queue: queue.unsubscribe("audit"),
}


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second, not ten."""
    monkeypatch.setattr(base, "TIMEOUT_SECONDS", SECONDS)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["amqp", "postgresql"])
def test_one_that_takes_the_connection_and_never_answers_is_down(scheme: str, silent_port: int) -> None:
    address = f"{scheme}://pipeline:secret@127.0.0.1:{silent_port}/notifications"

    with pytest.raises(BrokerUnavailableError, match="does not answer"), open_queue(address):
        pass


@pytest.mark.parametrize("step", STEPS)
def test_one_that_falls_silent_in_the_middle_is_down(step: str, proxy: Proxy) -> None:
    def use() -> None:
        with open_queue(proxy.url) as queue:
            queue.publish(make_message("a"))
            proxy.fall_silent()
            STEPS[step](queue)

    with pytest.raises(BrokerUnavailableError, match="does not answer"):
        use()


def test_one_that_is_silent_when_all_is_done_keeps_nobody(proxy: Proxy) -> None:
    with open_queue(proxy.url) as queue:
        queue.publish(make_message("a"))
        proxy.fall_silent()


def test_one_that_breaks_the_connection_is_down(proxy: Proxy) -> None:
    with open_queue(proxy.url) as queue:
        queue.publish(make_message("a"))
        proxy.cut()
        with pytest.raises(BrokerUnavailableError):
            queue.publish(make_message("b"))
