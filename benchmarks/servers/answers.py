"""As much of HTTP/1.1 as a client needs that measures: where an answer ends, and its status."""

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HOST = "127.0.0.1"
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its body, and whether the server closes the connection."""

    status: int
    body: bytes
    closes: bool


def write_request(path: str, body: bytes, headers: Iterable[str] = ()) -> bytes:
    """Return a POST request with a JSON body, ready to be sent."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + _HEAD_END + body


def read_answer(data: bytes) -> Answer | None:
    """Return the response that `data` holds, or None if its end has not arrived yet.

    Raises:
        ValueError: it has neither a length nor chunks.
    """
    end = data.find(_HEAD_END)
    if end < 0:
        return None
    begin = end + len(_HEAD_END)
    if found := _LENGTH.search(data, 0, end):
        body = data[begin : begin + int(found[1])]
        whole = len(body) == int(found[1])
    elif _CHUNKED.search(data, 0, end):
        joined = _join_chunks(data, begin)
        body, whole = joined or b"", joined is not None
    else:
        raise ValueError("a response without a length")
    return Answer(int(data[9:12]), body, _CLOSES.search(data, 0, end) is not None) if whole else None


def _join_chunks(data: bytes, begin: int) -> bytes | None:
    parts: list[bytes] = []
    while (line_end := data.find(b"\r\n", begin)) >= 0:
        size = int(data[begin:line_end].partition(b";")[0], 16)
        begin = line_end + 2 + size + 2
        if len(data) < begin:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(data[line_end + 2 : begin - 2])
    return None


def ask(port: int, requests: Iterable[bytes]) -> Iterator[Answer]:
    """Send requests one after the other over one connection, and yield their answers.

    Raises:
        OSError: the server cannot be reached, or closes the connection before it has answered.
    """
    with socket.create_connection((HOST, port), _WAIT_SECONDS) as connection:
        for request in requests:
            connection.sendall(request)
            data = b""
            while (answer := read_answer(data)) is None:
                part = connection.recv(2**16)
                if not part:
                    raise ConnectionError("the server closed the connection")
                data += part
            yield answer
