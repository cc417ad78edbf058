"""The service's HTTP application. A text is in no log, no error and no metric."""

import asyncio
from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp

import pipeline
from pipeline.service import metrics
from pipeline.service.answers import write_answers
from pipeline.service.desk import ModelFailedError
from pipeline.service.guard import CLASSIFY, STREAM, Guard, Measure
from pipeline.service.schemas import Answers, ServedModel, Texts
from pipeline.service.shelf import Shelf
from pipeline.service.stream import Lines, answer_lines
from pipeline.service.tokens import Tokens
from pipeline.web.manners import METHODS, Manners, refuse_method
from pipeline.web.problems import add_problems, answer_problem, describe_problems

_JSON = "application/json"
_BODY_SECONDS = 60
_NO_BODY = f"the body did not come within {_BODY_SECONDS} s"
_GONE = 499
"""What metrics count if a client has left before its request was whole; it gets no answer."""

_RESPONSES = describe_problems(
    {
        401: "No valid token.",
        404: "This model is not served here.",
        408: "The body did not come in time.",
        413: "The body is too large.",
        422: "The body is not valid.",
        503: "The model is not in service yet, or too many requests are in work. See `Retry-After`.",
    }
)
_BODY = {"requestBody": {"required": True, "content": {_JSON: {"schema": Texts.model_json_schema()}}}}


def make_app(shelf: Shelf, tokens: Tokens, most_at_once: int) -> ASGIApp:
    """Return the application, for one event loop.

    Args:
        shelf: the models that it answers with.
        tokens, most_at_once: see `Guard`.
    """
    app = FastAPI(
        title="Classification service",
        version=pipeline.__version__,
        description="Classifies texts with the models in service.",
        docs_url=None,
        redoc_url=None,
        responses=_RESPONSES,
    )
    add_problems(app)
    app.add_exception_handler(ClientDisconnect, lambda *_: Response(status_code=_GONE))
    app.add_exception_handler(ModelFailedError, _answer_failed)
    add_routes(app, shelf)
    routes = [*app.routes]

    @app.api_route("/{path:path}", methods=[*METHODS], include_in_schema=False, response_model=None)
    def refuse(request: Request, path: str) -> NoReturn:
        """Answer 404 or 405 if no route matches."""
        raise refuse_method(request, routes, f"there is no {path[:100]!r}; see openapi.json")

    return Manners(Measure(Guard(app, tokens, most_at_once)))


def add_routes(app: FastAPI, shelf: Shelf) -> None:
    """Add the routes."""

    @app.post(CLASSIFY, response_model=Answers, openapi_extra=_BODY)
    async def classify(request: Request) -> Response:
        """Classify one text, or up to 1,000. Each has 1 to 4,000,000 characters, at least one of them visible."""
        # Reading and writing here saves half of the time that FastAPI takes for a request.
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                data = await request.body()
            body = Texts.model_validate_json(data)
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, _NO_BODY) from None
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None
        reference, desk = shelf.find(body.model)
        answer = await desk.ask(body.all)
        metrics.count_answers(reference, answer)
        return Response(write_answers(reference, answer), media_type=_JSON)

    # The route above is described; this one answers. What FastAPI does for each request would take a quarter of it.
    app.router.routes.insert(0, Route(CLASSIFY, classify, methods=["POST"], include_in_schema=False))

    @app.post(STREAM, response_class=Lines, openapi_extra=_BODY)
    async def classify_stream(request: Request, model: str | None = None) -> Lines:
        """Classify any number of lines of JSON, each with a `text` and, if you like, an `id`.

        Each is answered by a line, in the same order. The last line has `end`: whether all lines were read.
        """
        reference, desk = shelf.find(model)
        return Lines(answer_lines(request.stream(), reference, desk))

    @app.get("/v1/models", response_model=list[ServedModel])
    async def list_models() -> list[dict[str, Any]]:
        """List what is served and why; a version that is listed answers in every process, and none before it does."""
        return shelf.told

    @app.get("/livez")
    async def live() -> dict[str, str]:
        """Answer if this process works."""
        return {"status": "alive"}

    @app.get("/readyz", response_model=dict[str, str])
    async def ready() -> Any:
        """Answer 200 if every model is in service, else 503 with those that are not."""
        if missing := shelf.missing:
            reasons = {each["model"]: each["trouble"]["what"] for each in shelf.told if each["trouble"]}
            told = "; ".join(reasons.get(name, f"{name} is not in service yet") for name in missing)
            return answer_problem(HTTPStatus.SERVICE_UNAVAILABLE, told, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", response_class=Response)
    async def show_metrics() -> Response:
        """Metrics in Prometheus's text format, over all processes."""
        return Response(metrics.render(shelf.told), media_type="text/plain; version=0.0.4")


def _answer_failed(_: Request, error: Exception) -> Response:
    return answer_problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
