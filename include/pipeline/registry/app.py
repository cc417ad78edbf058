"""The application: every route behind the same door."""

from collections.abc import Callable
from typing import Any, NoReturn

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi

import pipeline
from pipeline.registry import access, aliases, classify, comparison, definitions, documents, models, notifications, runs
from pipeline.registry import pages as page_routes
from pipeline.registry.database import models_db
from pipeline.registry.doorstep import Doorstep
from pipeline.registry.manners import METHODS, Manners, refuse_method
from pipeline.registry.problems import MEDIA_TYPE, Problem, add_problems
from pipeline.stores.database import Database

ROUTERS = (page_routes, definitions, comparison, models, documents, classify, runs, aliases, notifications)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}
    for status, description in {
        401: "nobody is logged in",
        403: "whoever is logged in may not",
        404: "there is no such thing",
        422: "the request asks for what cannot be",
        503: "the models database does not answer",
    }.items()
}


def make_app(allowed: access.Access, connect: Callable[[], Database]) -> FastAPI:
    """Return the application.

    Args:
        allowed: who may read and who may use what there is.
        connect: gives the models database; a dependency, called for each request.
    """
    app = FastAPI(
        title="Models registry",
        version=pipeline.__version__,
        description=__doc__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(access.reader)],
        responses=_RESPONSES,
    )
    app.dependency_overrides = {access.reader: allowed.reader, access.user: allowed.user, models_db: connect}
    app.add_middleware(Doorstep)
    app.add_middleware(Manners, own_heads=app.routes)  # the outermost, for what the others answer too
    add_problems(app)

    @app.get("/openapi.json", include_in_schema=False)
    def describe() -> dict[str, Any]:
        """Return the OpenAPI description."""
        description = "Models, scores and documents of the classifier factory. Log in as for Airflow's own REST API."
        return get_openapi(title=app.title, version=app.version, description=description, routes=app.routes)

    for module in ROUTERS:
        app.include_router(module.router, dependencies=[Depends(access.refuse_cross_site)])
    routes = [*app.routes]

    @app.api_route("/{path:path}", methods=[*METHODS], include_in_schema=False, response_model=None)
    def refuse(request: Request, path: str) -> NoReturn:
        """Refuse what is no route, to the anonymous as they are refused everywhere."""
        raise refuse_method(request, routes, f"there is no {path[:100]!r}; see openapi.json")

    return app
