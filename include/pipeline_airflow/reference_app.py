"""The options reference as an application of Airflow's API server, for users who are logged in."""

from functools import cache
from typing import NoReturn

from airflow.api_fastapi.core_api.security import requires_authenticated
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

from pipeline.web.manners import METHODS, Manners, refuse_method
from pipeline.web.problems import add_problems


def make_app() -> FastAPI:
    """Return the application. It renders the pages at the first request."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(requires_authenticated())])
    app.add_middleware(Manners)
    add_problems(app)

    @app.get("/{name:path}", response_class=HTMLResponse)
    def show(name: str) -> HTMLResponse:
        """Show the page with a name; without one, the index."""
        pages, headers = _render()
        if (name or "index") not in pages:
            raise HTTPException(404, f"no such page; there are {', '.join(pages)}")
        return HTMLResponse(pages[name or "index"], headers=headers)

    routes = [*app.routes]

    @app.api_route("/{name:path}", methods=[*METHODS[1:]], response_model=None)
    def refuse(request: Request, name: str) -> NoReturn:
        """Refuse every other method."""
        raise refuse_method(request, routes, f"there is no {name[:100]!r}")

    return app


@cache
def _render() -> tuple[dict[str, str], dict[str, str]]:
    """Return the pages, and the headers of each."""
    from pipeline.reference.html import CONTENT_SECURITY_POLICY, render_html  # every class of every registry

    return render_html(), {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
