"""The pages: static files that fill themselves from the API, without a build step or anything from elsewhere."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from posixpath import dirname, join, normpath
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

PAGES: Final = ("leaderboard", "sweep", "model", "compare", "pictures", "options", "aliases", "api")
MEDIA_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""A browser may load these files and call this API, and nothing else."""

KEPT: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
"""Files below their digest never change: a browser asks for them once."""

_DIGEST_DIGITS: Final = 16
_BELOW_DIGEST: Final = re.compile(f"^[0-9a-f]{{{_DIGEST_DIGITS}}}/(?=.*[.])")
_FILE: Final = re.compile(r'(src|href)="([^"]+)"')
_SCRIPT: Final = re.compile(r'<script type="module" src="([^"]+)">')
_IMPORTED: Final = re.compile(r'^(?:import|export) [^;]*?from "(\.[^"]+)";', re.MULTILINE)

router = APIRouter(include_in_schema=False)


@router.get("/")
def open_leaderboard(request: Request) -> RedirectResponse:
    """Redirect to the leaderboard, of one run if `?run=` names it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"pages/leaderboard{query}")


@router.get("/pages/{name:path}")
def show(name: str) -> Response:
    """Return a page, or a file that pages use."""
    # while a deployment is updated, a page of one version may ask a server of another one
    found = _list_files().get(name) or _list_files().get(_BELOW_DIGEST.sub("", name))
    if found is None:
        raise HTTPException(404, f"there is no page {name[:100]!r}; there are {', '.join(PAGES)}")
    content, media_type, headers = found
    return Response(content, media_type=media_type, headers=headers)


@cache
def _list_files() -> dict[str, tuple[bytes, str, dict[str, str]]]:
    """Return every file with its media type and headers, by its name in the address.

    Pages have no suffix there, and name the files that they use below the digest of all of them:
    `0123456789abcdef/charts/figure.js`. Modules import each other by relative addresses, so they stay below it.
    """
    top = files(__name__)
    folders = [("", top)] + [(f"{each.name}/", each) for each in top.iterdir() if each.is_dir()]
    written = {
        start + file.name: file.read_bytes()
        for start, folder in folders
        for file in folder.iterdir()
        if file.name.rpartition(".")[2] in MEDIA_TYPES
    }
    digest = hashlib.sha256(b"".join(written[name] for name in sorted(written))).hexdigest()[:_DIGEST_DIGITS]
    found = {}
    for name, content in written.items():
        stem, _, ending = name.rpartition(".")
        if ending == "html":
            page = _FILE.sub(rf'\1="{digest}/\2"', _name_modules(content.decode(), written))
            found[stem] = (page.encode(), MEDIA_TYPES[ending], HEADERS)
        else:
            found[name] = (content, MEDIA_TYPES[ending], HEADERS)
            found[f"{digest}/{name}"] = (content, MEDIA_TYPES[ending], HEADERS | KEPT)
    return found


def _name_modules(page: str, written: Mapping[str, bytes]) -> str:
    """Return a page that names all modules that it needs, so that a browser need not read one to know of the next."""

    def add_links(script: re.Match[str]) -> str:
        needed = _list_imported(script[1], written)
        return "".join(f'<link rel="modulepreload" href="{name}">\n' for name in needed) + script[0]

    return _SCRIPT.sub(add_links, page)


def _list_imported(name: str, written: Mapping[str, bytes]) -> list[str]:
    """Return the names of all files that a module imports, and that these import, each once."""
    found, left = dict[str, None](), [name]
    while left:
        module = left.pop()
        for path in _IMPORTED.findall(written[module].decode()):
            imported = normpath(join(dirname(module), path))
            if imported not in found:
                found[imported] = None
                left.append(imported)
    return list(found)
