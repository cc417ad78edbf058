"""The notification table: late or doubled, never lost."""

from typing import Any

import pytest

from factories import make_definition, make_document, make_expansion, make_trained_model
from pipeline.errors import BrokerUnavailableError
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore

DEFINITIONS = [make_definition(sequence_length=length) for length in (1, 2, 3)]


@pytest.fixture
def store(models_db: Database) -> NotificationsStore:
    Ledger(models_db).open_run("run-1", {}, make_expansion(*DEFINITIONS))
    for definition in DEFINITIONS:
        ModelsStore(models_db).save(make_trained_model(definition))
    return NotificationsStore(models_db)


def test_each_stored_model_is_published_once(store: NotificationsStore) -> None:
    sent: list[dict[str, Any]] = []

    assert store.insert_missing() == 3
    assert store.publish_each(sent.append) == 3
    assert store.insert_missing() == store.publish_each(sent.append) == 0
    assert [message["label"] for message in sent] == [definition.label for definition in DEFINITIONS]
    assert set(sent[0]) == {"label", "version", "run", "definition", "scores", "time", "document_sha256"}


def test_what_was_published_before_the_broker_went_away_is_not_published_again(store: NotificationsStore) -> None:
    sent: list[str] = []

    def publish_one(message: dict[str, Any]) -> None:
        if sent:
            raise BrokerUnavailableError("notifications", "gone")
        sent.append(message["label"])

    store.insert_missing()
    with pytest.raises(BrokerUnavailableError):
        store.publish_each(publish_one)
    assert store.publish_each(lambda message: sent.append(message["label"])) == 2
    assert sent == [definition.label for definition in DEFINITIONS]


def test_rows_that_another_notifier_publishes_now_are_left_to_it(store: NotificationsStore) -> None:
    inner: list[int] = []
    store.insert_missing()

    outer = store.publish_each(lambda _: inner.append(store.publish_each(lambda _: None)))

    assert outer == 3
    assert inner == [0, 0, 0]


def test_a_retrained_model_with_another_document_or_other_scores_is_announced_again(
    store: NotificationsStore, models_db: Database
) -> None:
    store.insert_missing()
    store.publish_each(lambda _: None)
    ModelsStore(models_db).save(make_trained_model(DEFINITIONS[0]))
    assert store.publish_each(lambda _: None) == 0

    ModelsStore(models_db).save(make_trained_model(DEFINITIONS[0], document=make_document(model="another")))

    assert store.publish_each(lambda _: None) == 1

    other = make_trained_model(DEFINITIONS[0]).scores | {"accuracy": 0.1}
    ModelsStore(models_db).save(
        make_trained_model(DEFINITIONS[0], document=make_document(model="another"), scores=other)
    )

    assert store.publish_each(lambda _: None) == 1
