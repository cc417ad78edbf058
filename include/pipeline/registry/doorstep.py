"""Checks that run before a request is read: it has credentials, and its body is small enough."""

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.bodies import TooLargeError, count_body, says_too_much
from pipeline.web.problems import answer_problem

LARGEST_BODY_BYTES: Final = 4 * 2**20
_TOO_LARGE: Final = f"the request's body has more than {LARGEST_BODY_BYTES:,} bytes; send fewer texts at once"
_NOBODY: Final = "you are not logged in; send a token, or log in to Airflow"
_CREDENTIALS: Final = (b"authorization", b"cookie")


class Doorstep:
    """Answers 401 without credentials and 413 when the body exceeds 4 MiB.

    Whether a token or a cookie is valid is checked later, by `Access`: a route does so once it has its body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on and count its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not any(name in headers for name in _CREDENTIALS):
            await answer_problem(HTTPStatus.UNAUTHORIZED, _NOBODY)(scope, receive, send)
            return
        if says_too_much(scope, LARGEST_BODY_BYTES):
            await answer_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
            return
        counted = count_body(receive, LARGEST_BODY_BYTES)

        async def count() -> Message:
            try:
                return await counted()
            except TooLargeError:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE) from None

        await self._app(scope, count, send)
