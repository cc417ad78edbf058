"""Messages, and a way to a broker that can fall silent or break."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import kombu
import psycopg

from pipeline.notifications import names
from pipeline.notifications.queue import open_queue

RABBITMQ = os.environ.get("PIPELINE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


def make_message(label: str, *, model: str = "scikit_model_svm", **overrides: Any) -> dict[str, Any]:
    """Return a notification as the notifications store makes it."""
    definition = {
        "dataset": {"name": "SpanDataset", "options": {}},
        "adapter": {"name": "WordFrequencyAdapter", "options": {}},
        "model": {"name": model, "options": {}},
    }
    values = {"label": label, "version": 1, "definition": definition, "scores": {"accuracy": 0.5}}
    return values | overrides


def publish(broker: str, *labels: str) -> None:
    """Publish a message for each label."""
    with open_queue(broker) as queue:
        for label in labels:
            queue.publish(make_message(label))


def take_labels(broker: str, consumer: str | None = None, limit: int | None = None) -> list[str]:
    """Take what waits on a queue and return the labels."""
    seen: list[str] = []
    with open_queue(broker) as queue:
        queue.consume(lambda found: seen.append(found["label"]), 0.2, limit, consumer)
    return seen


def take_dead(broker: str) -> list[dict[str, Any]]:
    """Take what waits on the dead-letter queue; RabbitMQ moves messages there in its own time."""
    seen: list[dict[str, Any]] = []
    with open_queue(broker) as queue:
        queue.consume(seen.append, 5, 1, names.DEAD)
        queue.consume(seen.append, 0.2, None, names.DEAD)
    return seen


def publish_raw(broker_address: str, queue: str, body: bytes, content_type: str = "application/json") -> None:
    """Put anything on a queue, as a stranger would."""
    if broker_address.startswith("postgresql:"):
        with psycopg.connect(broker_address) as database:
            database.execute("INSERT INTO notification_messages (queue, body) VALUES (%s, %s)", [queue, body.decode()])
        return
    with kombu.Connection(broker_address) as connection:
        connection.Producer().publish(
            body, exchange="", routing_key=queue, content_type=content_type, content_encoding="utf-8"
        )


def take_and_die(broker_address: str, queue: str) -> bool:
    """Take a message and go without a word, as a consumer that is killed; return whether there was one."""
    if broker_address.startswith("postgresql:"):
        with open_queue(broker_address) as opened:
            return opened._take(queue) is not None
    with kombu.Connection(broker_address) as connection:
        return kombu.Queue(queue)(connection.default_channel).get() is not None


class Proxy:
    """A port of ours that leads to a broker."""

    def __init__(self, broker: str) -> None:
        target = urlsplit(broker)
        assert target.hostname
        assert target.port
        self._target = (target.hostname, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._open = threading.Event()
        self._open.set()
        port = self._listener.getsockname()[1]
        self.url = target._replace(netloc=f"{target.username}:{target.password}@127.0.0.1:{port}").geturl()
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Keep what is sent from now on."""
        self._open.clear()

    def cut(self) -> None:
        """Break every connection there is; new ones are taken."""
        while self._sockets:
            with suppress(OSError):
                self._sockets.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break every connection and take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._open.set()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), source, target:
            while sent := source.recv(65536):
                self._open.wait()
                target.sendall(sent)


@contextmanager
def open_proxy(broker: str = RABBITMQ) -> Iterator[Proxy]:
    """Open a proxy to a broker and close it after."""
    proxy = Proxy(broker)
    try:
        yield proxy
    finally:
        proxy.close()
