"""What happens to a request before it is read, and how long it took."""

import time
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.service import metrics
from pipeline.service.tokens import Tokens
from pipeline.web.bodies import TooLargeError, count_body, says_too_much
from pipeline.web.limit import Limit
from pipeline.web.problems import answer_problem

LARGEST_BODY_BYTES: Final = 4 * 2**20
CLASSIFY: Final = "/v1/classify"
STREAM: Final = f"{CLASSIFY}/stream"

_RETRY_SECONDS: Final = 1
_ROUTES: Final = frozenset((CLASSIFY, STREAM, "/v1/models", "/livez", "/readyz", "/metrics", "/openapi.json"))
_NOBODY: Final = "send a token of this service: `Authorization: Bearer …`"
_TOO_LARGE: Final = f"the request's body has more than {LARGEST_BODY_BYTES:,} bytes; send fewer texts, or use {STREAM}"


class Guard:
    """Answers 401 without a valid token, 413 to a body of more than 4 MiB, and 503 to more texts than it can work on.

    Args:
        app: the application.
        tokens: whoever has none of them is answered 401, whatever they ask.
        most_at_once: how many requests to classify may be in work; further ones are answered 503.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens, most_at_once: int) -> None:
        self._app = app
        self._limited = Limit(app, most_at_once, _RETRY_SECONDS)
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on and count its body."""
        if scope["type"] != "http":
            return  # there are no web sockets here, and the server answers for us
        app = self._limited if scope["path"].startswith(CLASSIFY) else self._app
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not self._tokens.knows(given):
            headers = {"WWW-Authenticate": "Bearer"}
            await answer_problem(HTTPStatus.UNAUTHORIZED, _NOBODY, headers)(scope, receive, send)
        elif scope["path"] == STREAM:
            await app(scope, receive, send)
        elif says_too_much(scope, LARGEST_BODY_BYTES):
            await answer_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
        else:
            await app(scope, _refuse_more(count_body(receive, LARGEST_BODY_BYTES)), send)


class Measure:
    """Counts requests by route and status, and measures how long each took."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = scope["path"] if scope["path"] in _ROUTES else "other"
            metrics.requests.labels(route, status).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - begun)


def _refuse_more(counted: Receive) -> Receive:
    async def count() -> Message:
        try:
            return await counted()
        except TooLargeError:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE) from None

    return count
