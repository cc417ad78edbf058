"""Requests with bodies of a bounded size, for ASGI applications: no more of a body is taken than is allowed."""

from starlette.types import Message, Receive, Scope


class TooLargeError(Exception):
    """A body turned out to be larger than it may be."""


def says_too_much(scope: Scope, most: int) -> bool:
    """Return whether a request's own header says that its body is larger than `most` bytes."""
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return said.isdigit() and int(said) > most


def count_body(receive: Receive, most: int) -> Receive:
    """Return the same `receive`, which raises `TooLargeError` once more than `most` bytes of a body have come."""
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
    """Return the whole body, or nothing where who sends it has gone.

    Raises:
        TooLargeError: it has more than `most` bytes.
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
