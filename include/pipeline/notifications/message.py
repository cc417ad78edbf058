"""What a notification says about itself: its id, its routing key, its properties."""

import hashlib
import json
import time
from typing import Any

from kombu.exceptions import ContentDisallowed, DecodeError, SerializerNotInstalled

APP_ID = "pipeline"
TYPE = "label.trained"
_SECTIONS = ("dataset", "adapter", "model")
_UNREADABLE = (DecodeError, ContentDisallowed, SerializerNotInstalled, UnicodeError)


class UnreadableMessageError(Exception):
    """A message that its consumer cannot read, whoever sent it; raised by a consumer, it rejects the message."""


def message_id(message: dict[str, Any]) -> str:
    """Return `label:version:digest`: equal for a double, another after other results."""
    content = json.dumps(message, sort_keys=True, separators=(",", ":")).encode()
    return f"{message['label']}:{message['version']}:{hashlib.sha256(content).hexdigest()[:12]}"


def routing_key(message: dict[str, Any]) -> str:
    """Return `dataset.adapter.model`, the names of the definition's classes."""
    return ".".join(message["definition"][section]["name"] for section in _SECTIONS)


def properties_of(message: dict[str, Any]) -> dict[str, Any]:
    """Return the AMQP properties that a message is published with."""
    return {
        "message_id": message_id(message),
        "type": TYPE,
        "app_id": APP_ID,
        "timestamp": int(time.time()),
        "delivery_mode": "persistent",
    }


def read_payload(received: Any) -> dict[str, Any]:
    """Return the JSON object in a received message.

    Raises:
        UnreadableMessageError: there is none in it.
    """
    try:
        payload = received.decode()
    except _UNREADABLE as error:
        raise UnreadableMessageError(type(error).__name__) from error
    if not isinstance(payload, dict):
        raise UnreadableMessageError(f"{type(payload).__name__}, no object")
    return payload


def describe_dead(received: Any) -> dict[str, Any]:
    """Return a dead letter: the queue it comes from, why it was given up, and what it held, as text if need be."""
    try:
        content: Any = read_payload(received)
    except UnreadableMessageError:
        body = received.body
        content = body if isinstance(body, str) else bytes(body).decode(errors="replace")
    return {
        "queue": received.headers.get("x-first-death-queue"),
        "reason": received.headers.get("x-first-death-reason"),
        "id": received.properties.get("message_id"),
        "message": content,
    }
