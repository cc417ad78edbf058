"""Notifications over the API: in an order in which none can be missed."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from factories import make_document
from integration.registry.client import DEFINITIONS, LABELS, Client, open_run, save
from pipeline.stores.database import Connection, Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.notifications import NotificationsStore, queries, reopen_notification


@pytest.fixture
def store(models_db: Database) -> NotificationsStore:
    """Three models, each with a notification."""
    open_run(models_db, *DEFINITIONS)
    store = NotificationsStore(models_db)
    for definition in DEFINITIONS[:3]:
        save(models_db, definition)
        store.insert_missing()
    return store


def list_labels(page: Any) -> list[str]:
    return [item["label"] for item in page["items"]]


def test_nothing_announced_is_an_empty_page(client: Client) -> None:
    assert client.get("/notifications") == {"items": [], "next": 0, "more": False}


def test_they_come_in_their_order(client: Client, store: NotificationsStore) -> None:
    page = client.get("/notifications")

    assert list_labels(page) == LABELS[:3]
    assert page["more"] is False
    first = page["items"][0]
    assert (first["version"], first["run"], first["published_at"]) == (1, "run-1", None)
    assert first["definition"] == DEFINITIONS[0].to_dict()
    assert first["document_sha256"] == make_document().sha256.hex()
    assert first["scores"]["accuracy"] == 0.9
    store.publish_each(lambda _: None)
    assert all(item["published_at"] for item in client.get("/notifications")["items"])


@pytest.mark.usefixtures("store")
def test_a_cursor_goes_on_where_the_answer_before_ended(client: Client) -> None:
    first = client.get("/notifications", limit=2)
    second = client.get("/notifications", limit=2, after=first["next"])
    third = client.get("/notifications", limit=2, after=second["next"])

    assert [list_labels(page) for page in (first, second, third)] == [LABELS[:2], LABELS[2:3], []]
    assert [page["more"] for page in (first, second, third)] == [True, False, False]
    assert third["next"] == second["next"] > first["next"]


@pytest.mark.usefixtures("store")
def test_a_last_page_that_is_full_has_no_more(client: Client) -> None:
    assert client.get("/notifications", limit=3)["more"] is False


def test_a_model_that_is_trained_again_comes_again(
    client: Client, store: NotificationsStore, models_db: Database
) -> None:
    store.publish_each(lambda _: None)
    before = client.get("/notifications")["next"]

    save(models_db, DEFINITIONS[0])
    assert client.get("/notifications", after=before)["items"] == []  # the same model
    save(models_db, DEFINITIONS[0], document=make_document(model="another"))

    page = client.get("/notifications", after=before)
    assert list_labels(page) == [LABELS[0]]
    assert page["items"][0]["document_sha256"] == make_document(model="another").sha256.hex()
    assert page["items"][0]["published_at"] is None
    assert page["next"] > before
    assert list_labels(client.get("/notifications")) == [LABELS[1], LABELS[2], LABELS[0]]


def test_numbers_become_visible_in_their_order(
    client: Client, store: NotificationsStore, models_db: Database, models_url: str
) -> None:
    cursor = client.get("/notifications")["next"]
    save(models_db, DEFINITIONS[3])
    first = store.list_notifications()[-1]["notification_id"]
    other = Database.from_url("models_db", models_url)

    with ThreadPoolExecutor(1) as pool, other.connection() as holding:
        reopen_notification(holding, first)
        waiting = pool.submit(store.insert_missing)
        wait_for_waiting(holding)
        assert not waiting.done()
        assert client.get("/notifications", after=cursor)["items"] == []  # neither number, the higher one least of all
        holding.commit()
        assert waiting.result(20) == 1

    assert list_labels(client.get("/notifications", after=cursor)) == [LABELS[0], LABELS[3]]


def test_a_model_trained_again_waits_for_its_number_too(
    client: Client, store: NotificationsStore, models_db: Database, models_url: str
) -> None:
    cursor = client.get("/notifications")["next"]
    store.publish_each(lambda _: None)
    other = Database.from_url("models_db", models_url)

    with ThreadPoolExecutor(1) as pool, other.connection() as holding:
        holding.execute(queries.lock_changes)
        again = pool.submit(save, models_db, DEFINITIONS[0], document=make_document(model="another"))
        wait_for_waiting(holding)
        assert not again.done()
        holding.commit()
        assert again.result(20) == 1

    assert list_labels(client.get("/notifications", after=cursor)) == [LABELS[0]]


def test_alias_moves_are_listed_for_those_who_ask(
    client: Client, store: NotificationsStore, models_db: Database
) -> None:
    before = client.get("/notifications")
    aliases = AliasesStore(models_db)
    aliases.move("champion", LABELS[0], "ann", "the first")
    aliases.remove("champion", "bob", "not served")
    store.insert_missing_moves()
    save(models_db, DEFINITIONS[3])
    store.insert_missing()

    labels = client.get("/notifications", after=before["next"])
    moved, removed, label = client.get("/notifications", after=before["next"], moves=True)["items"]

    assert list_labels(labels) == [LABELS[3]]
    assert label == labels["items"][0]
    assert "event" not in label
    removal, move = aliases.list_moves()
    points_at = {"label": LABELS[0], "version": 1}
    assert moved.pop("time").removesuffix("Z") == move["moved_at"].isoformat().removesuffix("+00:00")
    assert moved == {
        "event": "alias.moved", "move": move["move_id"], "alias": "champion", **points_at, "previous": None,
        "document_sha256": make_document().sha256.hex(), "moved_by": "ann", "reason": "the first", "published_at": None,
    }  # fmt: skip
    assert (removed["event"], removed["move"], removed["label"]) == ("alias.removed", removal["move_id"], None)
    assert (removed["document_sha256"], removed["previous"]) == (None, points_at)


def wait_for_waiting(connection: Connection) -> None:
    """Return once another connection waits for a lock that this one holds."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(400):
        row = connection.execute(query).fetchone()
        if row and row[0]:
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("query", [{"after": -1}, {"after": 2**63}, {"after": "x"}, {"limit": 0}, {"limit": 501}])
def test_a_cursor_that_is_none_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.refuse("GET", "/notifications", params=query)[0] == 422
