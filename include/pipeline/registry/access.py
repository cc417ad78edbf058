"""Who may do what, as dependencies of the routes, and what comes from another site."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

from fastapi import Depends, HTTPException, Request, status

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Access:
    """Dependencies that give the name of who asks, or refuse with 401 (nobody) or 403 (somebody who may not).

    Attributes:
        reader: may see what there is.
        user: may use it besides: classify, download documents, move aliases.
    """

    reader: Callable[..., Any]
    user: Callable[..., Any]


def reader() -> NoReturn:
    """Stand in a route's signature for `Access.reader`; without an `Access` nobody may do anything."""
    raise HTTPException(status.HTTP_401_UNAUTHORIZED, "nobody is logged in")


def user() -> NoReturn:
    """Stand in a route's signature for `Access.user`."""
    raise HTTPException(status.HTTP_401_UNAUTHORIZED, "nobody is logged in")


Reader = Annotated[str, Depends(reader)]
User = Annotated[str, Depends(user)]


def refuse_cross_site(request: Request) -> None:
    """Refuse what another site's page makes a browser send along with the cookie of whoever is logged in.

    A browser says by `Sec-Fetch-Site` whose page a request comes from, though not to a server without TLS; but there
    too it asks first before it sends JSON, or anything by PUT or DELETE, to another site, and Airflow does not agree.
    """
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "this request comes from a page of another site")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "DELETE" and content_type != "application/json":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "send JSON, with `Content-Type: application/json`")
