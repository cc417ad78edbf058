"""Aliases over the API: where each points, and every move."""

import threading
from typing import Any

import pytest

from factories import make_document
from integration.registry.client import ANN, DEFINITIONS, LABELS, Client, open_run, save
from pipeline.registry.announcer import Announcer
from pipeline.registry.app import make_app
from pipeline.runs.announce import announce_moves
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore

LABEL, OTHER = LABELS[:2]


@pytest.fixture(autouse=True)
def two_models(models_db: Database) -> None:
    open_run(models_db, *DEFINITIONS)
    save(models_db, DEFINITIONS[0], accuracy=0.7)
    save(models_db, DEFINITIONS[1], accuracy=0.8)


def move(client: Client, alias: str, model: str, reason: str = "it is better") -> Any:
    """Return where an alias points that was moved."""
    answer = client.request("PUT", f"/aliases/{alias}", json={"model": model, "reason": reason})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_alias_is_made_and_moved(client: Client) -> None:
    made = move(client, "champion", LABEL, "the first")

    assert (made["alias"], made["label"], made["version"], made["run_id"]) == ("champion", LABEL, 1, "run-1")
    assert (made["accuracy"], made["moved_by"], made["reason"], made["trained_again"]) == (
        0.7, "ann", "the first", False,
    )  # fmt: skip
    assert client.get("/aliases/champion") == made
    assert client.get("/models/@champion")["label"] == LABEL

    moved = move(client, "champion", f"{OTHER}@1")

    assert moved["label"] == OTHER
    assert client.get("/aliases") == [moved]
    assert client.get("/models/@champion")["label"] == OTHER


def test_an_alias_can_point_where_another_does(client: Client) -> None:
    move(client, "challenger", OTHER)

    assert move(client, "champion", "@challenger")["label"] == OTHER
    move(client, "challenger", LABEL)
    assert client.get("/aliases/champion")["label"] == OTHER
    assert [each["alias"] for each in client.get("/aliases")] == ["challenger", "champion"]
    assert client.get(f"/models/{OTHER}")["aliases"] == ["champion"]


def test_an_alias_that_is_taken_away_leaves_its_moves(client: Client) -> None:
    move(client, "champion", LABEL)

    gone = client.request("DELETE", "/aliases/champion", params={"reason": "nobody uses it"})

    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get("/aliases") == []
    assert client.get(f"/models/{LABEL}")["aliases"] == []
    for path in ("/aliases/champion", "/models/@champion"):
        assert client.refuse("GET", path)[0] == 404
    assert client.refuse("DELETE", "/aliases/champion", params={"reason": "again"})[0] == 404
    last, first = client.get("/aliases/champion/moves")["items"]
    assert (last["label"], last["version"], last["reason"]) == (None, None, "nobody uses it")
    assert (first["label"], first["version"], first["moved_by"]) == (LABEL, 1, "ann")
    assert move(client, "champion", OTHER)["label"] == OTHER


def test_moves_come_by_the_page_with_the_newest_first(client: Client) -> None:
    for number in range(5):
        move(client, "champion", LABELS[number % 2], f"reason {number}")
        move(client, "other", LABEL, "another alias")

    pages: list[list[str]] = []
    before: int | None = None
    while not pages or before is not None:
        page = client.get("/aliases/champion/moves", limit=2, **({} if before is None else {"before": before}))
        pages.append([each["reason"] for each in page["items"]])
        before = page["next"]

    assert pages == [["reason 4", "reason 3"], ["reason 2", "reason 1"], ["reason 0"]]
    assert client.get("/aliases/nobody/moves") == {"items": [], "next": None}


def test_a_last_page_that_is_full_has_no_next(client: Client) -> None:
    move(client, "champion", LABEL)
    move(client, "champion", OTHER)

    assert client.get("/aliases/champion/moves", limit=2)["next"] is None


@pytest.mark.parametrize("alias", ["Champion", "1st", "-a", "a b", "a.b", "a" * 51, "a@b", "é", "a%0A"])
def test_a_name_that_no_alias_may_have_is_refused(client: Client, alias: str) -> None:
    status, detail = client.refuse("PUT", f"/aliases/{alias}", json={"model": LABEL, "reason": "x"})

    assert status == 422
    assert "at most 50 of a-z, 0-9, _ and -" in detail
    assert client.get("/aliases") == []


@pytest.mark.parametrize("alias", ["a", "a-b_c9", "a" * 50])
def test_a_name_that_an_alias_may_have_is_taken(client: Client, alias: str) -> None:
    assert move(client, alias, LABEL)["alias"] == alias


@pytest.mark.parametrize(
    "body",
    [{"model": LABEL}, {"model": LABEL, "reason": ""}, {"model": LABEL, "reason": " \n"},
     {"model": LABEL, "reason": "\0"}, {"model": LABEL, "reason": "x" * 1_001}, {"reason": "x"}, {}],
)  # fmt: skip
def test_a_move_without_a_reason_or_a_model_is_refused(client: Client, body: dict[str, str]) -> None:
    assert client.refuse("PUT", "/aliases/champion", json=body)[0] == 422
    assert client.get("/aliases") == []


@pytest.mark.parametrize("query", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 1_001}])
def test_an_alias_is_not_taken_away_without_a_reason(client: Client, query: dict[str, str]) -> None:
    move(client, "champion", LABEL)

    assert client.refuse("DELETE", "/aliases/champion", params=query)[0] == 422
    assert client.get("/aliases/champion")["label"] == LABEL


@pytest.mark.parametrize("model", ["nope", f"{LABEL}@2", "@nope", ""])
def test_a_move_to_nothing_is_not_found(client: Client, model: str) -> None:
    assert client.refuse("PUT", "/aliases/champion", json={"model": model, "reason": "x"})[0] == 404
    assert client.get("/aliases/champion/moves")["items"] == []


def test_an_alias_says_that_its_model_was_trained_again_until_it_is_moved(client: Client, models_db: Database) -> None:
    move(client, "champion", LABEL)
    save(models_db, DEFINITIONS[0])
    assert client.get("/aliases/champion")["trained_again"] is False  # the same document

    save(models_db, DEFINITIONS[0], document=make_document(model="another"))

    assert client.get("/aliases/champion")["trained_again"] is True
    assert move(client, "champion", LABEL, "looked at")["trained_again"] is False


def make_client(models_db: Database, announce: Any) -> Client:
    """Return what `ann` is answered by an application that announces moves in this way."""
    return Client(make_app(ANN, lambda: models_db, announce))


def test_each_move_and_removal_is_announced_once_it_is_stored_and_nothing_else_is(models_db: Database) -> None:
    stored: list[int] = []
    client = make_client(models_db, lambda: stored.append(len(AliasesStore(models_db).list_moves())))

    move(client, "champion", LABEL)
    client.refuse("PUT", "/aliases/champion", json={"model": "nothing", "reason": "x"})
    client.refuse("DELETE", "/aliases/nobody", params={"reason": "x"})
    client.get("/aliases/champion")
    client.request("DELETE", "/aliases/champion", params={"reason": "not served"})

    assert stored == [1, 2]


def test_a_move_is_on_the_queue_when_it_was_made_over_the_api(models_db: Database, postgres_url: str) -> None:
    done = threading.Event()

    def announce() -> None:
        announce_moves(models_db, postgres_url)
        done.set()

    client = make_client(models_db, Announcer(announce).wake)

    move(client, "champion", LABEL)

    assert done.wait(60)
    [moved] = client.get("/aliases/champion/moves")["items"]
    assert moved["published_at"]


def test_a_request_does_not_wait_for_a_broker(models_db: Database) -> None:
    tries, goes_on = threading.Event(), threading.Event()

    def announce() -> None:  # and raises nothing, after which it would be called every minute, as long as pytest runs
        tries.set()
        goes_on.wait(60)

    client = make_client(models_db, Announcer(announce).wake)

    move(client, "champion", LABEL)
    assert tries.wait(30)
    assert move(client, "champion", OTHER)["label"] == OTHER
    assert client.request("DELETE", "/aliases/champion", params={"reason": "x"}).status_code == 204
    goes_on.set()

    moves = client.get("/aliases/champion/moves")["items"]
    assert [(each["label"], each["published_at"]) for each in moves] == [(None, None), (OTHER, None), (LABEL, None)]
