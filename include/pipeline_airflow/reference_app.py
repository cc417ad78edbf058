"""The options reference as an application of Airflow's API server, for whoever is logged in."""

from functools import cache

from airflow.api_fastapi.core_api.security import requires_authenticated
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse


def make_app() -> FastAPI:
    """Return the application; it renders the pages when the first one is asked for."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(requires_authenticated())])

    @app.get("/{name:path}", response_class=HTMLResponse)
    def show(name: str) -> HTMLResponse:
        """Show a page by its name, the index without one."""
        pages, headers = _render()
        if (name or "index") not in pages:
            raise HTTPException(404, f"no such page; there are {', '.join(pages)}")
        return HTMLResponse(pages[name or "index"], headers=headers)

    return app


@cache
def _render() -> tuple[dict[str, str], dict[str, str]]:
    """Return the pages, and the headers of each."""
    from pipeline.reference.html import CONTENT_SECURITY_POLICY, render_html  # every class of every registry

    return render_html(), {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Content-Type-Options": "nosniff"}
