"""Alias moves while brokers break, fall silent or are down, and publishers die: announced late or twice, never lost."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from integration.notifications.brokers import Proxy
from integration.notifications.moves import is_published, list_moves, make_moves, take
from pipeline.errors import BrokerUnavailableError
from pipeline.notifications import base
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_all, announce_moves, notify
from pipeline.runs.connections import Connections
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.notifications import NotificationsStore

DOWN = "amqp://guest:guest@127.0.0.1:1//"
PUBLISHER = Path(__file__).with_name("mortal_publisher.py")


def test_a_broker_that_breaks_gets_the_rest_later_and_in_order(
    aliases: AliasesStore, proxy: Proxy, broker: str
) -> None:
    make_moves(aliases, 5)
    store = NotificationsStore(aliases.database)
    store.insert_missing_moves()
    tried: list[int] = []
    with open_queue(proxy.url) as queue:

        def publish_two(message: dict[str, Any]) -> None:
            if len(tried) == 2:
                proxy.close()
            tried.append(message["move"])
            queue.publish(message)

        with pytest.raises(BrokerUnavailableError):
            store.publish_moves(publish_two)

    assert is_published(aliases) == [True, True, False, False, False]
    assert list_moves(take(broker)) == tried[:2]
    assert announce_moves(aliases.database, broker) == 3
    rest = list_moves(take(broker))
    assert rest == sorted(rest)
    assert rest[0] == tried[2]


def test_a_publisher_killed_before_it_marks_what_it_has_published_leaves_it_to_the_next(
    aliases: AliasesStore, models_url: str, broker: str, prefix: str
) -> None:
    make_moves(aliases, 3)
    command = [sys.executable, str(PUBLISHER), models_url, broker, prefix, "2"]

    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert is_published(aliases) == [False] * 3
    assert announce_moves(aliases.database, broker) == 3
    assert is_published(aliases) == [True] * 3
    messages = take(broker)
    first, second, third = sorted({message["move"] for message in messages})
    assert list_moves(messages) == [first, second, first, second, third]
    assert len({make_envelope(message).id for message in messages}) == 3


def test_a_move_made_while_the_broker_is_down_is_announced_at_the_end_of_the_next_run(
    aliases: AliasesStore, broker: str
) -> None:
    make_moves(aliases, 2)
    with pytest.raises(BrokerUnavailableError):
        announce_moves(aliases.database, DOWN)
    assert is_published(aliases) == [False, False]

    assert notify("run-1", Connections(aliases.database, aliases.database, broker)) == 2

    assert is_published(aliases) == [True, True]
    assert len(take(broker)) == 2


def test_a_move_whose_mover_died_before_it_could_announce_it_is_announced_too(
    aliases: AliasesStore, broker: str
) -> None:
    make_moves(aliases, 1)  # and nothing else

    assert announce_all(Connections(aliases.database, aliases.database, broker)) == 1
    assert [message["event"] for message in take(broker)] == ["alias.moved"]


def test_nothing_to_announce_needs_no_broker(aliases: AliasesStore) -> None:
    assert announce_moves(aliases.database, DOWN) == 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize("scheme", ["amqp", "postgresql"])
def test_a_broker_that_never_answers_is_given_up_when_the_mover_says(
    aliases: AliasesStore, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(base, "TIMEOUT_SECONDS", 3600)
    make_moves(aliases, 1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://pipeline:secret@127.0.0.1:{listener.getsockname()[1]}/notifications"
        with pytest.raises(BrokerUnavailableError, match="does not answer"):
            announce_moves(aliases.database, url, timeout_seconds=1)


@pytest.mark.timeout(60)
def test_a_broker_that_falls_silent_is_given_up_when_the_mover_says(
    aliases: AliasesStore, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "TIMEOUT_SECONDS", 3600)
    make_moves(aliases, 1)
    store = NotificationsStore(aliases.database)
    store.insert_missing_moves()

    def announce() -> None:
        with open_queue(proxy.url, timeout_seconds=1) as queue:
            queue.declare()
            proxy.fall_silent()
            store.publish_moves(queue.publish)

    with pytest.raises(BrokerUnavailableError, match="does not answer"):
        announce()
    assert is_published(aliases) == [False]
