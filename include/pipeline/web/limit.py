"""A limit on the requests in work: what goes beyond it is refused at once, before it takes a thread or a connection."""

from http import HTTPStatus
from typing import Any

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.web.problems import answer_problem

_BUSY = "the server is busy with as many requests as it takes at a time; try again in {seconds} s"


class Limit:
    """Lets only so many requests into an application at a time, and answers the others 503 with `Retry-After`.

    A request counts from its start to the end of its response, also while its client reads slowly. All requests of a
    process are counted in its event loop, so no lock is needed.

    Args:
        app: the application.
        most: how many requests may be in work.
        retry_seconds: when a refused client may ask again.
    """

    def __init__(self, app: ASGIApp, most: int, retry_seconds: int) -> None:
        self._app = app
        self._most = most
        self._retry_seconds = retry_seconds
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._in_work >= self._most:
            headers = {"Retry-After": f"{self._retry_seconds}"}
            detail = _BUSY.format(seconds=self._retry_seconds)
            await answer_problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers)(scope, receive, send)
            return
        self._in_work += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_work -= 1


def limited(most: int, retry_seconds: int) -> type[APIRoute]:
    """Return a class of routes, each of which has a `Limit` of its own: `APIRouter(route_class=limited(4, 5))`."""

    class LimitedRoute(APIRoute):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.app = Limit(self.app, most, retry_seconds)

    return LimitedRoute
