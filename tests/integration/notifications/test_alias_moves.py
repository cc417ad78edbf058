"""Alias moves on the queues: late or doubled, never lost, and those of one alias in their order."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kombu
import pytest

from factories import make_document
from integration.notifications.brokers import Proxy, make_message, open_proxy
from integration.registry.client import DEFINITIONS, LABELS, open_run, save
from pipeline.errors import BrokerUnavailableError
from pipeline.notifications import base, names
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_all, announce_moves, notify, replay
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.notifications import BATCH, NotificationsStore

DOWN = "amqp://guest:guest@127.0.0.1:1//"
PUBLISHER = Path(__file__).with_name("mortal_publisher.py")


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
    """A way to each broker that can break."""
    with open_proxy(broker) as opened:
        yield opened


def make_moves(aliases: AliasesStore, count: int, *names_: str) -> list[str]:
    """Move each alias so many times, in turn; return the references that it was moved to."""
    references = [f"{LABELS[number % 2]}@1" for number in range(count)]
    for reference in references:
        for alias in names_ or ("champion",):
            aliases.move(alias, reference, "ann", "because")
    return references


def take(broker: str, consumer: str | None = None, timeout_seconds: float = 0.2) -> list[dict[str, Any]]:
    """Take what waits on a queue."""
    seen: list[dict[str, Any]] = []
    with open_queue(broker) as queue:
        queue.consume(seen.append, timeout_seconds, None, consumer)
    return seen


def list_moves(messages: list[dict[str, Any]], alias: str = "champion") -> list[int]:
    """Return the numbers of an alias's moves in the order of their messages."""
    return [message["move"] for message in messages if message["alias"] == alias]


def is_published(aliases: AliasesStore) -> list[bool]:
    """Return whether each move is marked as published, the oldest first."""
    return [move["published_at"] is not None for move in reversed(aliases.list_moves(limit=1_000))]


def test_a_move_and_a_removal_say_what_has_changed(aliases: AliasesStore, broker: str) -> None:
    aliases.move("champion", LABELS[0], "ann", "the first")
    aliases.move("other", LABELS[0], "ann", "another alias")
    aliases.move("champion", LABELS[1], "bob", "better")
    aliases.remove("champion", "ann", "not served")
    aliases.move("champion", LABELS[0], "ann", "again")
    moves = aliases.list_moves("champion")[::-1]

    assert announce_moves(aliases.database, broker) == 5
    assert announce_moves(aliases.database, broker) == 0

    sha256 = make_document().sha256.hex()
    first, second = ({"label": label, "version": 1} for label in LABELS[:2])
    nothing = {"label": None, "version": None}
    told = [message for message in take(broker) if message["alias"] == "champion"]
    assert told == [
        {"event": event, "move": move["move_id"], "alias": "champion", **points_at, "document_sha256": digest,
         "previous": previous, "moved_by": move["moved_by"], "reason": reason, "time": move["moved_at"].isoformat()}
        for move, event, points_at, digest, previous, reason in zip(
            moves,
            ("alias.moved", "alias.moved", "alias.removed", "alias.moved"),
            (first, second, nothing, first),
            (sha256, sha256, None, sha256),
            (None, first, second, None),
            ("the first", "better", "not served", "again"),
            strict=True,
        )
    ]  # fmt: skip
    assert [make_envelope(message).id for message in told] == [f"alias:{move['move_id']}" for move in moves]


def test_a_message_stays_the_same_when_its_model_is_trained_again(aliases: AliasesStore, broker: str) -> None:
    make_moves(aliases, 1)
    assert announce_moves(aliases.database, broker) == 1
    save(aliases.database, DEFINITIONS[0], document=make_document(model="another"))
    with open_queue(broker) as queue:
        queue.subscribe("audit")

    assert replay(Connections(aliases.database, aliases.database, broker), "audit") == 3

    assert [message for message in take(broker, "audit") if "event" in message] == take(broker)


def test_rabbitmq_is_told_what_it_is_and_a_consumer_can_choose(aliases: AliasesStore, rabbitmq: str) -> None:
    with open_queue(rabbitmq) as queue, kombu.Connection(rabbitmq) as connection:
        queue.declare()
        exchange = kombu.Exchange(names.exchange_name(), "topic")
        bindings = {"audit": "*.*.*", "serving": "alias.*", "other": "alias.champion"}
        bound = {name: kombu.Queue(names.queue_name(name), exchange, key)(connection) for name, key in bindings.items()}
        for each in bound.values():
            each.declare()
        queue.publish(make_message("a"))
        make_moves(aliases, 1, "champion", "challenger")
        aliases.remove("champion", "ann", "enough")
        assert announce_moves(aliases.database, rabbitmq) == 3

        taken = {name: [found for _ in range(4) if (found := each.get())] for name, each in bound.items()}
        told = {name: [found.properties["type"] for found in messages] for name, messages in taken.items()}
        ids = [found.properties["message_id"] for found in taken["other"]]
        keys = [found.delivery_info["routing_key"] for found in taken["serving"]]
    assert told == {
        "audit": ["label.trained"],
        "serving": ["alias.moved", "alias.moved", "alias.removed"],
        "other": ["alias.moved", "alias.removed"],
    }
    assert keys == ["alias.champion", "alias.challenger", "alias.champion"]
    assert ids == [f"alias:{move['move_id']}" for move in reversed(aliases.list_moves("champion"))]


def test_moves_of_an_alias_come_in_their_order(aliases: AliasesStore, broker: str) -> None:
    references = make_moves(aliases, BATCH // 2 + 3, "champion", "challenger")

    assert announce_moves(aliases.database, broker) == 2 * len(references)

    messages = take(broker)
    for alias in ("champion", "challenger"):
        numbers = list_moves(messages, alias)
        assert numbers == sorted(numbers)
        told = [f"{each['label']}@{each['version']}" for each in messages if each["alias"] == alias]
        assert told == references


def test_a_second_publisher_leaves_its_move_to_the_first_which_keeps_the_order(
    aliases: AliasesStore, broker: str
) -> None:
    first, second = (NotificationsStore(aliases.database) for _ in range(2))
    make_moves(aliases, 1)
    first.insert_missing_moves()
    left_to_the_first: list[int] = []

    with open_queue(broker) as queue:

        def publish(message: dict[str, Any]) -> None:
            if not left_to_the_first:
                make_moves(aliases, 1)  # while the first move is on its way
                second.insert_missing_moves()
                left_to_the_first.append(second.publish_moves(queue.publish))
            queue.publish(message)

        assert first.publish_moves(publish) == 2

    assert left_to_the_first == [0]
    numbers = list_moves(take(broker))
    assert len(numbers) == 2
    assert numbers == sorted(numbers)


def test_many_publishers_at_once_publish_each_move_once_and_in_order(aliases: AliasesStore, broker: str) -> None:
    count = 10
    begin = threading.Barrier(3)

    def move_and_announce(alias: str) -> None:
        begin.wait(30)
        for _ in range(count):
            make_moves(aliases, 1, alias)
            announce_moves(aliases.database, broker)

    movers = [threading.Thread(target=move_and_announce, args=(alias,)) for alias in ("a", "b", "c")]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()

    messages = take(broker)
    assert is_published(aliases) == [True] * 3 * count
    for alias in ("a", "b", "c"):
        numbers = list_moves(messages, alias)
        assert len(numbers) == count
        assert numbers == sorted(numbers)


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


def test_a_consumer_can_begin_with_earlier_moves(aliases: AliasesStore, broker: str) -> None:
    connections = Connections(aliases.database, aliases.database, broker)
    make_moves(aliases, 3)
    aliases.remove("champion", "ann", "enough")
    announce_all(connections)
    before = take(broker)
    with open_queue(broker) as queue:
        queue.subscribe("audit")

    assert replay(connections, "audit") == 2 + 4

    again = take(broker, "audit")
    assert [message["label"] for message in again[:2]] == LABELS[:2]
    assert again[2:] == before
