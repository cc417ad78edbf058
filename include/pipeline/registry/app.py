"""The application: all routes, all behind the same login."""

import json
from collections.abc import Callable
from functools import cache
from typing import NoReturn

import psycopg
from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

import pipeline
from pipeline.registry import (
    access,
    aliases,
    classify,
    comparison,
    definitions,
    documents,
    evaluations,
    models,
    notifications,
    plans,
    removal,
    runs,
    trainings,
)
from pipeline.registry import pages as page_routes
from pipeline.registry.announcer import announcement
from pipeline.registry.database import answer_no_value, models_db
from pipeline.registry.doorstep import Doorstep
from pipeline.registry.limits import MOST_REQUESTS, RETRY_SECONDS
from pipeline.registry.ties import Ties
from pipeline.runs.outline import Sources
from pipeline.stores.database import Database
from pipeline.web.limit import Limit
from pipeline.web.manners import METHODS, Manners, refuse_method
from pipeline.web.problems import add_problems, describe_problems
from pipeline.web.shared import SharedAnswers

ROUTERS = (
    page_routes,
    definitions,
    comparison,
    models,
    removal,
    evaluations,
    documents,
    classify,
    plans,
    runs,
    trainings,
    aliases,
    notifications,
)
_RESPONSES = describe_problems(
    {
        401: "You are not logged in.",
        403: "You are not allowed to do this.",
        404: "There is no such model, run, alias or page.",
        422: "A parameter or the body is not valid.",
        503: "Too many requests are in work, or the models database does not answer; `Retry-After` says when to retry.",
    }
)


def make_app(
    allowed: access.Access,
    connect: Callable[[], Database],
    announce: Callable[[], object] = lambda: None,
    connect_examples: Callable[[], Database | None] = lambda: None,
    most: int | None = None,
) -> FastAPI:
    """Return the application. It serves requests on many threads at once.

    Args:
        allowed: checks who asks.
        connect: returns the models database without connecting to it; called for each request, and may return the
            same one for all.
        announce: called after each move of an alias; returns at once. By default `notify` announces the moves.
        connect_examples: the same as `connect` for the examples database, or None: previews then count no examples.
        most: how many definitions one run can train; None means any number.
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

    async def find_database() -> Database:  # async, so that it takes no thread
        return connect()

    async def find_sources() -> Sources:
        return Sources(connect(), connect_examples(), most)

    app.dependency_overrides = {
        access.reader: allowed.reader,
        access.user: allowed.user,
        access.remover: allowed.remover,
        models_db: find_database,
        plans.sources: find_sources,
        announcement: lambda: announce,
    }
    app.state.pages, app.state.ties = SharedAnswers[bytes](), Ties()
    app.add_middleware(Limit, most=MOST_REQUESTS, retry_seconds=RETRY_SECONDS)
    app.add_middleware(Doorstep)
    app.add_middleware(Manners, own_heads=app.routes)  # the outermost: it marks the answers of the others too
    add_problems(app)
    app.add_exception_handler(psycopg.DataError, answer_no_value)

    @cache  # it takes a quarter of a second
    def write_description() -> bytes:
        description = "Models, scores and documents of the classifier factory. Log in as for Airflow's own REST API."
        found = get_openapi(title=app.title, version=app.version, description=description, routes=app.routes)
        return json.dumps(found).encode()

    @app.get("/openapi.json", include_in_schema=False)
    def describe() -> Response:
        """Return the OpenAPI description."""
        return Response(write_description(), media_type="application/json")

    for module in ROUTERS:
        app.include_router(module.router, dependencies=[Depends(access.refuse_cross_site)])
    routes = [*app.routes]

    @app.api_route("/{path:path}", methods=[*METHODS], include_in_schema=False, response_model=None)
    def refuse(request: Request, path: str) -> NoReturn:
        """Answer 404 or 405 if no route matches, but 401 first if the user is not logged in, as everywhere."""
        raise refuse_method(request, routes, f"there is no {path[:100]!r}; see openapi.json")

    return app
