"""Messages between the process that follows and a worker: a JSON object, and bytes that belong to it."""

import json
import socket
from collections.abc import Sequence
from struct import Struct
from typing import Any

_COUNT = Struct(">I")
_SIZE = Struct(">Q")


class Channel:
    """One end of a connected pair of sockets. Messages arrive whole and in order; for one thread at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, message: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
        """Send a message.

        Raises:
            OSError: the other end is closed, or does not take the message before the time-out.
        """
        head = json.dumps(message).encode()
        self._end.sendall(_COUNT.pack(1 + len(parts)))
        for part in (head, *parts):
            self._end.sendall(_SIZE.pack(len(part)))
            self._end.sendall(part)

    def receive(self, timeout_seconds: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
        """Return the next message and its parts.

        Raises:
            EOFError: the other end is closed.
            OSError: no message came in time, or the connection was lost.
        """
        self._end.settimeout(timeout_seconds)
        (count,) = _COUNT.unpack(self._read(_COUNT.size))
        head, *parts = (bytes(self._read(_SIZE.unpack(self._read(_SIZE.size))[0])) for _ in range(count))
        return json.loads(head), parts

    def close(self) -> None:
        """Close this end; the other one then gets an EOFError."""
        self._end.close()

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self._end.recv_into(view)
            if not count:
                raise EOFError("the other end is closed")
            view = view[count:]
        return data
