"""Brokers to test on: the deployment's PostgreSQL, and RabbitMQ where there is one."""

import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import kombu
import pytest

from integration.notifications.brokers import RABBITMQ
from pipeline.notifications import names


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch) -> str:
    """What every exchange and queue of this test is called after; nobody else's are."""
    mine = f"test-{uuid4().hex}"
    monkeypatch.setattr(names, "PREFIX", mine)
    return mine


@pytest.fixture
def rabbitmq(prefix: str) -> Iterator[str]:
    """The address of a RabbitMQ on which nothing of ours is declared."""
    if not _rabbitmq_answers():
        if os.environ.get("CI"):
            pytest.fail("RabbitMQ does not answer, and in CI it must")
        pytest.skip("no RabbitMQ on this machine")
    yield RABBITMQ
    with kombu.Connection(RABBITMQ) as connection:
        channel = connection.channel()
        for consumer in (None, "dead", "audit", "serving", "other"):
            channel.queue_delete(names.queue_name(consumer))
        for exchange in (names.exchange_name(), names.dead_exchange_name()):
            channel.exchange_delete(exchange)
    assert prefix == names.PREFIX


@pytest.fixture(params=["postgresql", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    """The address of each broker on which our queues are empty and nobody else's."""
    return str(request.getfixturevalue("rabbitmq" if request.param == "rabbitmq" else "postgres_url"))


@pytest.fixture
def postgres_url(postgres_url: str, prefix: str) -> str:
    """The address of a fresh, empty database, with names as on RabbitMQ."""
    assert prefix == names.PREFIX
    return postgres_url


def _rabbitmq_answers() -> bool:
    address = urlsplit(RABBITMQ)
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port or 5672), timeout=2):
            return True
    except OSError:
        return False
