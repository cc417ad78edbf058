"""Limits on the size of request bodies, for ASGI applications."""

from starlette.types import Message, Receive, Scope


class TooLargeError(Exception):
    """A request's body exceeds the limit."""


def says_too_much(scope: Scope, most: int) -> bool:
    """Return whether a request's Content-Length exceeds `most` bytes."""
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return said.isdigit() and int(said) > most


def count_body(receive: Receive, most: int) -> Receive:
    """Wrap `receive` so that it raises `TooLargeError` once a body exceeds `most` bytes."""
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise TooLargeError
        return message

    return count


async def read_body(receive: Receive, most: int) -> bytes | None:
    """Return the whole body, or None if the client has disconnected.

    Raises:
        TooLargeError: the body exceeds `most` bytes.
    """
    parts = []
    count = count_body(receive, most)
    while True:
        message = await count()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that first returns a body that was already read, and then what the client sends."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
