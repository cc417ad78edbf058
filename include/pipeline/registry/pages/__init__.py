"""The pages: static files that fill themselves from the API, without a build step or anything from elsewhere."""

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

PAGES: Final = ("leaderboard", "model", "compare", "pictures", "options", "aliases", "api")
MEDIA_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""A browser may load these files and call this API, and nothing else."""

router = APIRouter(include_in_schema=False)


@router.get("/")
def open_leaderboard(request: Request) -> RedirectResponse:
    """Redirect to the leaderboard, of one run if `?run=` names it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"pages/leaderboard{query}")


@router.get("/pages/{name:path}")
def show(name: str) -> Response:
    """Return a page, or a file that pages use."""
    found = _read_files().get(name)
    if found is None:
        raise HTTPException(404, f"there is no page {name[:100]!r}; there are {', '.join(PAGES)}")
    content, media_type = found
    return Response(content, media_type=media_type, headers=HEADERS)


@cache
def _read_files() -> dict[str, tuple[bytes, str]]:
    """Return every file and its media type by its name in the address; pages have no suffix there."""
    found = {}
    folder = files(__name__)
    for start, each in (("", folder), ("charts/", folder / "charts")):
        for file in each.iterdir():
            stem, _, ending = file.name.rpartition(".")
            if ending in MEDIA_TYPES:
                name = start + (stem if ending == "html" else file.name)
                found[name] = (file.read_bytes(), MEDIA_TYPES[ending])
    return found
