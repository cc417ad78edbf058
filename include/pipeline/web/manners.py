"""What all responses have in common: `nosniff`, HEAD for every GET, and 405 for other methods."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.problems import answer_problem

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
"""The methods of the route that refuses the rest; HEAD arrives as GET, see `Manners`."""

_NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")
_FAILED: Final = "the server failed; its log says more"


class Manners:
    """Adds `X-Content-Type-Options: nosniff` to every response, and answers HEAD like GET without the content.

    It also answers 500 if nothing handles an error, because Starlette's own response then skips all middleware, and
    raises the error again so that the server logs it.

    Args:
        app: the application.
        own_heads: routes; those with a HEAD of their own, cheaper than their GET, keep it.
    """

    def __init__(self, app: ASGIApp, own_heads: Iterable[BaseRoute] = ()) -> None:
        self._app = app
        self._own_heads = own_heads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and its response back."""
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
    """Return the methods that a request's path allows."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return {
        method
        for route in routes
        if isinstance(route, Route) and route.path_regex.match(path)
        for method in route.methods or ()
    }


def refuse_method(request: Request, routes: Iterable[BaseRoute], missing: str) -> HTTPException:
    """Return the error for a request that fits no route: 405 with the allowed methods, or 404 for an unknown path.

    Args:
        request: the request.
        routes: all routes except the one that refuses.
        missing: the detail of a 404.
    """
    methods = find_methods(routes, request.scope)
    if not methods:
        return HTTPException(HTTPStatus.NOT_FOUND, missing)
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    detail = f"{request.method} is not allowed here; use {allowed}"
    return HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": allowed})
