"""Who may do what, as dependencies of the routes, and a guard against requests from other sites."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

from fastapi import Depends, HTTPException, Request, status

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Access:
    """Three FastAPI dependencies; each returns the user's name or raises HTTPException.

    It raises 401 if the user is not logged in, and 403 if they are not allowed.

    Attributes:
        reader: for users who may read definitions, scores and aliases.
        user: for users who may also classify, download documents and move aliases.
        remover: for users who may also delete and retire models.
    """

    reader: Callable[..., Any]
    user: Callable[..., Any]
    remover: Callable[..., Any]


def reader() -> NoReturn:
    """Placeholder for `Access.reader` in the routes' signatures; refuses everybody unless `make_app` replaces it."""
    raise HTTPException(status.HTTP_401_UNAUTHORIZED, "you are not logged in")


def user() -> NoReturn:
    """Placeholder for `Access.user` in the routes' signatures."""
    raise HTTPException(status.HTTP_401_UNAUTHORIZED, "you are not logged in")


def remover() -> NoReturn:
    """Placeholder for `Access.remover` in the routes' signatures."""
    raise HTTPException(status.HTTP_401_UNAUTHORIZED, "you are not logged in")


Reader = Annotated[str, Depends(reader)]
User = Annotated[str, Depends(user)]
Remover = Annotated[str, Depends(remover)]


async def refuse_cross_site(request: Request) -> None:
    """Refuse a write from another site's page (HTTPException 403), and one that is not JSON (415).

    Browsers say in `Sec-Fetch-Site` whose page sends a request, but only to servers with TLS. Without TLS, the second
    check protects: browsers ask a server before they send JSON, PUT or DELETE across sites, and Airflow refuses.
    """
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "the request was sent by a page of another site")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "DELETE" and content_type != "application/json":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "send JSON, with `Content-Type: application/json`")
