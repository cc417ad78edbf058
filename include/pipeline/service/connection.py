"""A client's connection, as uvicorn serves it, and stricter: until a head is read, nobody knows who asks."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD_BYTES: Final = 64 * 2**10
HEAD_SECONDS: Final = 20.0


class Connection(HttpToolsProtocol):
    """Closes if the first request, or one that has begun, has no complete head after `HEAD_SECONDS`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.parser: Parser = Parser(self)  # type: ignore[assignment]
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._closing = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what has come, and wait for the rest of a head."""
        super().data_received(data)
        if not self.parser.in_head:
            self._wait_no_longer()
        elif self._closing is None:
            self._closing = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _wait_no_longer(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


class Parser:
    """Reads requests as httptools does, but refuses large heads, and declines every offer to change the protocol.

    RFC 9110, 7.8 lets a server ignore such an offer. Java's client makes one with its first request (`Upgrade: h2c`),
    and httptools gives the body of such a request to nobody. So the head is read again, without the offer.
    """

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self.in_head = False
        self._protocol = protocol
        self._head_bytes = 0
        self.on_url, self.on_header, self.on_body = protocol.on_url, protocol.on_header, protocol.on_body
        self._start()

    def feed_data(self, data: bytes) -> None:
        """Read what has come.

        Raises:
            HttpParserError: it is no valid request, or the head is too large.
        """
        self._head_bytes += len(data)  # from the beginning of a head on
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as offer:
            head = self._write_head()
            self._start()
            self.feed_data(head + data[offer.args[0] :])
        if self.in_head and self._head_bytes > LARGEST_HEAD_BYTES:
            raise HttpParserError("the head is too large")

    def on_message_begin(self) -> None:
        """Begin with a head."""
        self.in_head, self._head_bytes = True, 0
        self._protocol.on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head, unless it is read again."""
        self.in_head = False
        if not self._parser.should_upgrade():
            self._protocol.on_headers_complete()

    def on_message_complete(self) -> None:
        """End the request, unless it is read again."""
        if not self._parser.should_upgrade():
            self._protocol.on_message_complete()

    def _start(self) -> None:
        self._parser = HttpRequestParser(self)
        with suppress(AttributeError):  # httptools before 0.6.3 has no such method
            # as uvicorn does, so that the last of several requests is answered
            self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.should_upgrade = self._parser.should_upgrade
        self.should_keep_alive = self._parser.should_keep_alive
        self.get_http_version, self.get_method = self._parser.get_http_version, self._parser.get_method

    def _write_head(self) -> bytes:
        """Return the head that was read, without its offer."""
        method = self._parser.get_method()
        if method == b"CONNECT":
            raise HttpParserError("this is no proxy")
        lines = [b"%b %b HTTP/%b" % (method, self._protocol.url, self._parser.get_http_version().encode())]
        lines += [b"%b: %b" % (name, value) for name, value in self._protocol.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])
