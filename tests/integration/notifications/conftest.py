"""Brokers to test on, PostgreSQL and RabbitMQ where there is one, and what is announced on them."""

import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import kombu
import pytest

from integration.notifications.brokers import RABBITMQ, Proxy, open_proxy
from integration.registry.client import DEFINITIONS, open_run, save
from pipeline.notifications import names
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.notifications import NotificationsStore


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


@pytest.fixture
def aliases(models_db: Database) -> AliasesStore:
    """Aliases that can point at two models, which are announced."""
    open_run(models_db, *DEFINITIONS[:2])
    for definition in DEFINITIONS[:2]:
        save(models_db, definition)
    store = NotificationsStore(models_db)
    store.insert_missing()
    store.publish_each(lambda _: None)
    return AliasesStore(models_db)


@pytest.fixture
def proxy(broker: str) -> Iterator[Proxy]:
    """A way to each broker that can break or fall silent."""
    with open_proxy(broker) as opened:
        yield opened


def _rabbitmq_answers() -> bool:
    address = urlsplit(RABBITMQ)
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port or 5672), timeout=2):
            return True
    except OSError:
        return False
