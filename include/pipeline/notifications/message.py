"""What a notification says about itself, and the form in which a consumer gets it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

_SECTIONS = ("dataset", "adapter", "model")


class UnreadableMessageError(Exception):
    """A message that its consumer cannot read; raised by a consumer, it rejects the message."""


@dataclass(frozen=True)
class Received:
    """A message that a consumer holds.

    Args:
        handle: the broker's identification of it.
        content: a JSON object, or text that is not a JSON object.
        id: see `message_id`; None if another program published it without one.
        first_death_queue: for a dead letter, the queue that rejected it first.
        first_death_reason: for a dead letter, `rejected` or `delivery_limit`.
    """

    handle: Any
    content: dict[str, Any] | str
    id: str | None
    first_death_queue: str | None
    first_death_reason: str | None


def message_id(message: dict[str, Any]) -> str:
    """Return `label:version:digest`: equal if the message is published twice, different for other results."""
    content = json.dumps(message, sort_keys=True, separators=(",", ":")).encode()
    return f"{message['label']}:{message['version']}:{hashlib.sha256(content).hexdigest()[:12]}"


def routing_key(message: dict[str, Any]) -> str:
    """Return `dataset.adapter.model`, the names of the definition's classes."""
    return ".".join(message["definition"][section]["name"] for section in _SECTIONS)


def read_payload(received: Received) -> dict[str, Any]:
    """Return the JSON object in a received message.

    Raises:
        UnreadableMessageError: it contains no JSON object.
    """
    if isinstance(received.content, str):
        raise UnreadableMessageError("it is not a JSON object")
    return received.content


def describe_dead(received: Received) -> dict[str, Any]:
    """Return a dead letter: the queue it comes from, why it was rejected, and its content, as text if necessary."""
    return {
        "queue": received.first_death_queue,
        "reason": received.first_death_reason,
        "id": received.id,
        "message": received.content,
    }
