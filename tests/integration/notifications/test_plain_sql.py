"""The SQL in the docs, as it stands there: a consumer in another language, beside ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from markdown_it import MarkdownIt

from integration.notifications.brokers import publish, take_dead, take_labels
from pipeline.notifications import names

PAGE = Path(__file__).parents[3] / "docs/notifications.md"
BLOCKS = [token.content for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")) if token.info == "sql"]
SUBSCRIBE, TRANSACTION, HOLD, COUNTED, REJECT = BLOCKS


class Stranger:
    """A session that knows nothing but what the page says."""

    def __init__(self, connection: psycopg.Connection[Any], prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix
        self.holder = 0

    def run(self, block: str, **values: int) -> list[tuple[Any, ...]]:
        """Run the statements of a block; return what the last of them that answers with rows says."""
        block = block.replace("pipeline.notifications", f"{self._prefix}.notifications")
        for name, value in values.items():
            block = block.replace(f":{name}", str(value))
        cursor = self._connection.execute(block.encode())
        rows: list[tuple[Any, ...]] = []
        while True:
            if cursor.description:
                rows = cursor.fetchall()
            if not cursor.nextset():
                return rows

    def take(self) -> tuple[int, str] | None:
        """Take a message in the way that counts; return its place and label."""
        if not self.holder:
            ((self.holder, _),) = self.run(HOLD)
        take, _ = COUNTED.split("-- the work")
        rows = self.run(take, holder=self.holder)
        return (rows[0][0], rows[0][3]["label"]) if rows else None


@pytest.fixture
def stranger(postgres_url: str, prefix: str) -> Iterator[Stranger]:
    """A session with a queue of its own, on which two messages wait."""
    publish(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        made = Stranger(connection, prefix)
        made.run(SUBSCRIBE)
        publish(postgres_url, "a", "b")
        yield made


def test_a_message_is_taken_in_one_transaction(stranger: Stranger, postgres_url: str) -> None:
    take, rest = TRANSACTION.split("-- the work")
    ((id_, label, version),) = stranger.run(take)

    assert (id_[:4], label, version) == ("a:1:", "a", "1")
    assert take_labels(postgres_url, "audit") == ["b"]  # ours leaves alone what it has
    stranger.run("--" + rest)
    assert take_labels(postgres_url, "audit") == []
    assert stranger.run(TRANSACTION) == []


def test_a_transaction_that_is_rolled_back_gives_it_back(stranger: Stranger, postgres_url: str) -> None:
    stranger.run(TRANSACTION.split("-- the work")[0])
    stranger.run("ROLLBACK")

    assert take_labels(postgres_url, "audit") == ["a", "b"]


def test_a_message_is_held_without_a_transaction(stranger: Stranger, postgres_url: str) -> None:
    held = stranger.take()
    assert held
    place, label = held

    assert label == "a"
    assert take_labels(postgres_url, "audit") == ["b"]
    stranger.run("--" + COUNTED.split("-- the work")[1], place=place, holder=stranger.holder)
    assert stranger.take() is None


def test_a_session_that_ends_leaves_its_message_to_us(stranger: Stranger, postgres_url: str) -> None:
    assert stranger.take()
    stranger._connection.close()

    assert take_labels(postgres_url, "audit") == ["a", "b"]


def test_a_message_is_rejected(stranger: Stranger, postgres_url: str) -> None:
    held = stranger.take()
    assert held
    stranger.run(REJECT, place=held[0], holder=stranger.holder)

    (dead,) = take_dead(postgres_url)
    assert (dead["queue"], dead["reason"]) == (names.queue_name("audit"), "rejected")
    assert dead["message"]["label"] == "a"
