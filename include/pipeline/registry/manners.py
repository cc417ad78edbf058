"""What every answer has in common: its type is not guessed, HEAD goes wherever GET does, other methods get 405."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.registry.problems import answer_problem

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
"""What a route that refuses the rest is asked with; HEAD comes as GET, see `Manners`."""

_NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")
_FAILED: Final = "the server failed; its log says more"


class Manners:
    """Marks every answer, errors too, `nosniff`, and answers HEAD as GET without the content.

    An error that nothing handles is answered here, for what Starlette answers then passes no middleware; it is raised
    again all the same, so that the server logs it.

    Args:
        app: what answers.
        own_heads: routes, of which some have a HEAD of their own that is cheaper than their GET.
    """

    def __init__(self, app: ASGIApp, own_heads: Iterable[BaseRoute] = ()) -> None:
        self._app = app
        self._own_heads = own_heads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        begun = False

        async def mark(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != _NO_SNIFF[0]]
                message = {**message, "headers": [*kept, _NO_SNIFF]}
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if is_head and not any("HEAD" in find_methods([route], scope) for route in self._own_heads):
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, receive, mark)
        except Exception:
            if not begun:
                await answer_problem(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED)(scope, receive, mark)
            raise


def find_methods(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    """Return the methods that a request's path can be asked with."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return {
        method
        for route in routes
        if isinstance(route, Route) and route.path_regex.match(path)
        for method in route.methods or ()
    }


def refuse_method(request: Request, routes: Iterable[BaseRoute], missing: str) -> HTTPException:
    """Return why a request that fits no route is refused: 405 with the methods there are, or 404 where nothing is.

    Args:
        request: what was asked.
        routes: all there are, without the one that refuses.
        missing: what the problem says where nothing has this path.
    """
    methods = find_methods(routes, request.scope)
    if not methods:
        return HTTPException(HTTPStatus.NOT_FOUND, missing)
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    detail = f"this cannot be asked with {request.method}; use {allowed}"
    return HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": allowed})
