"""What a notification says about itself, and what a consumer is handed of it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

_SECTIONS = ("dataset", "adapter", "model")


class UnreadableMessageError(Exception):
    """A message that its consumer cannot read, whoever sent it; raised by a consumer, it rejects the message."""


@dataclass(frozen=True)
class Received:
    """A message in the hands of a consumer.

    Args:
        handle: what its broker knows it by.
        content: what it holds: a JSON object, or text that is none.
        id: see `message_id`; None where a stranger gave it none.
        first_death_queue: the queue that gave it up first, for a dead letter.
        first_death_reason: `rejected` or `delivery_limit`, for a dead letter.
    """

    handle: Any
    content: dict[str, Any] | str
    id: str | None
    first_death_queue: str | None
    first_death_reason: str | None


def message_id(message: dict[str, Any]) -> str:
    """Return `label:version:digest`: equal for a double, another after other results."""
    content = json.dumps(message, sort_keys=True, separators=(",", ":")).encode()
    return f"{message['label']}:{message['version']}:{hashlib.sha256(content).hexdigest()[:12]}"


def routing_key(message: dict[str, Any]) -> str:
    """Return `dataset.adapter.model`, the names of the definition's classes."""
    return ".".join(message["definition"][section]["name"] for section in _SECTIONS)


def read_payload(received: Received) -> dict[str, Any]:
    """Return the JSON object in a received message.

    Raises:
        UnreadableMessageError: there is none in it.
    """
    if isinstance(received.content, str):
        raise UnreadableMessageError("it is no JSON object")
    return received.content


def describe_dead(received: Received) -> dict[str, Any]:
    """Return a dead letter: the queue it comes from, why it was given up, and what it held, as text if need be."""
    return {
        "queue": received.first_death_queue,
        "reason": received.first_death_reason,
        "id": received.id,
        "message": received.content,
    }
