"""From the notification table to the queues: batches, two notifiers at once, and replay."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from factories import make_definition, make_document, make_expansion, make_trained_model
from integration.notifications.brokers import Proxy, take_labels
from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.notifications.message import make_envelope
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import notify, replay
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import BATCH, NotificationsStore
from pipeline.stores.models.store import ModelsStore

DEFINITIONS = [make_definition(sequence_length=length) for length in range(1, 6)]
LABELS = [definition.label for definition in DEFINITIONS]


def fill(models_db: Database, count: int = len(DEFINITIONS)) -> NotificationsStore:
    """Store that many models and make a notification of each."""
    definitions = [make_definition(sequence_length=length) for length in range(1, count + 1)]
    Ledger(models_db).open_run("run-1", {}, make_expansion(*definitions))
    for definition in definitions:
        ModelsStore(models_db).save(make_trained_model(definition))
    store = NotificationsStore(models_db)
    store.insert_missing()
    return store


@pytest.fixture
def store(models_db: Database) -> NotificationsStore:
    """A notification table with five that are not published."""
    return fill(models_db)


@pytest.fixture
def connections(models_db: Database, broker: str) -> Connections:
    """A models database, and a broker."""
    return Connections(models_db, models_db, broker)


def test_a_broker_that_breaks_in_a_batch_has_what_is_marked_and_gets_the_rest_later(
    store: NotificationsStore, proxy: Proxy, broker: str
) -> None:
    tried: list[object] = []
    with open_queue(proxy.url) as queue:

        def publish_two(message: dict[str, object]) -> None:
            if len(tried) == 2:
                proxy.close()
            tried.append(message["label"])
            queue.publish(message)

        with pytest.raises(BrokerUnavailableError):
            store.publish_each(publish_two)

    assert tried == LABELS[:3]

    assert [row["published_at"] is not None for row in reversed(store.list_notifications())] == [True] * 2 + [False] * 3
    assert take_labels(broker) == LABELS[:2]
    with open_queue(broker) as queue:
        assert store.publish_each(queue.publish) == 3
    assert take_labels(broker) == LABELS[2:]


def test_two_notifiers_at_once_publish_each_once(models_db: Database, broker: str) -> None:
    count = BATCH + BATCH // 2
    store = fill(models_db, count)
    both_in_a_batch = threading.Barrier(2)
    published: list[int] = []

    def announce() -> None:
        waited = False
        with open_queue(broker) as queue:

            def publish(message: dict[str, object]) -> None:
                nonlocal waited
                if not waited:
                    both_in_a_batch.wait(30)
                    waited = True
                queue.publish(message)

            published.append(store.publish_each(publish))

    notifiers = [threading.Thread(target=announce) for _ in range(2)]
    for notifier in notifiers:
        notifier.start()
    for notifier in notifiers:
        notifier.join()

    labels = take_labels(broker)
    assert sum(published) == count
    assert min(published) > 0
    assert len(labels) == len(set(labels)) == count


def test_a_double_has_the_id_of_the_first_and_a_change_another(store: NotificationsStore) -> None:
    first, double = (next(iter(store.read_announced())) for _ in range(2))
    document = make_document(model="another")
    ModelsStore(store.database).save(make_trained_model(DEFINITIONS[0], document=document))
    changed = next(iter(store.read_announced()))
    scores = make_trained_model(DEFINITIONS[0]).scores | {"accuracy": 0.1}
    ModelsStore(store.database).save(make_trained_model(DEFINITIONS[0], document=document, scores=scores))
    rescored = next(iter(store.read_announced()))

    assert {message["label"] for message in (first, changed, rescored)} == {LABELS[0]}
    assert {message["version"] for message in (first, changed, rescored)} == {1}
    assert changed["document_sha256"] == document.sha256.hex() != first["document_sha256"]
    assert make_envelope(double).id == make_envelope(first).id
    assert len({make_envelope(message).id for message in (first, changed, rescored)}) == 3


def test_a_queue_that_begins_today_can_get_what_was_announced_before(
    store: NotificationsStore, connections: Connections
) -> None:
    assert notify("run-1", connections) == len(LABELS)
    with open_queue(connections.notifications_url) as queue:
        queue.subscribe("audit")
        queue.subscribe("serving")

    assert replay(connections, "audit") == len(LABELS)

    assert take_labels(connections.notifications_url, "audit") == LABELS
    assert take_labels(connections.notifications_url, "serving") == []
    assert take_labels(connections.notifications_url) == LABELS
    assert replay(connections) == len(LABELS)
    assert take_labels(connections.notifications_url) == LABELS
    assert store.insert_missing() == 0


def test_replay_leaves_out_what_was_published_before_a_moment(
    store: NotificationsStore, connections: Connections
) -> None:
    with open_queue(connections.notifications_url) as queue:
        queue.subscribe("audit")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with store.database.connection() as connection:
        connection.execute("UPDATE notifications SET published_at = '2016-01-02' WHERE notification_id = 1")
        connection.execute("UPDATE notifications SET published_at = '2016-01-05' WHERE notification_id = 2")

    assert replay(connections, "audit", datetime(2016, 1, 3, tzinfo=UTC)) == 4
    assert take_labels(connections.notifications_url, "audit") == LABELS[1:]
    assert replay(connections, "audit", tomorrow) == 0


@pytest.mark.parametrize("consumer", ["nobody", "dead", "No Name"])
def test_replay_to_a_queue_that_nobody_has_is_a_sentence(
    store: NotificationsStore, connections: Connections, consumer: str
) -> None:
    assert store
    with pytest.raises(PipelineError, match=f"^notifications: .*{consumer}"):
        replay(connections, consumer)
