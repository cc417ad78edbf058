"""Alias moves on the queues: what their messages say, and that those of one alias come in their order."""

import threading
from typing import Any

import kombu

from factories import make_document
from integration.notifications.brokers import make_message
from integration.notifications.moves import is_published, list_moves, make_moves, take
from integration.registry.client import DEFINITIONS, LABELS, save
from pipeline.notifications import names
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_all, announce_moves, replay
from pipeline.runs.connections import Connections
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.notifications import BATCH, NotificationsStore


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
