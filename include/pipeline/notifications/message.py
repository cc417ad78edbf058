"""What a notification says about itself, and the form in which a consumer gets it.

There are two kinds of messages. That of an alias move has an `event`; that of a trained label has none.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

TRAINED: Final = "label.trained"
"""The type of a message that says that a label has been trained."""

_SECTIONS = ("dataset", "adapter", "model")


class UnreadableMessageError(Exception):
    """A message that its consumer cannot read; raised by a consumer, it rejects the message."""


@dataclass(frozen=True)
class Received:
    """A message that a consumer holds.

    Args:
        handle: the broker's identification of it.
        content: a JSON object, or text that is not a JSON object.
        id: see `Envelope`; None if another program published it without one.
        first_death_queue: for a dead letter, the queue that rejected it first.
        first_death_reason: for a dead letter, `rejected` or `delivery_limit`.
    """

    handle: Any
    content: dict[str, Any] | str
    id: str | None
    first_death_queue: str | None
    first_death_reason: str | None


class Envelope(NamedTuple):
    """What a broker is told about a message.

    Args:
        id: equal if the message is published twice, and different for any other message.
        type: what has happened.
        routing_key: words by which a queue on RabbitMQ can choose its messages.
    """

    id: str
    type: str
    routing_key: str


def make_envelope(message: dict[str, Any]) -> Envelope:
    """Return the envelope of a message.

    >>> make_envelope({"event": "alias.moved", "move": 7, "alias": "champion"})
    Envelope(id='alias:7', type='alias.moved', routing_key='alias.champion')
    """
    if "event" in message:
        return Envelope(f"alias:{message['move']}", message["event"], f"alias.{message['alias']}")
    content = json.dumps(message, sort_keys=True, separators=(",", ":")).encode()
    return Envelope(
        # a label that is trained again in the same run keeps its version
        f"{message['label']}:{message['version']}:{hashlib.sha256(content).hexdigest()[:12]}",
        TRAINED,
        ".".join(message["definition"][section]["name"] for section in _SECTIONS),
    )


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
