"""Makes alias moves, and takes what was announced of them."""

from typing import Any

from integration.registry.client import LABELS
from pipeline.notifications.queue import open_queue
from pipeline.stores.models.aliases import AliasesStore


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
