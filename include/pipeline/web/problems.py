"""Errors as `application/problem+json` (RFC 9457). None repeats what a client sent as a text."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from pipeline.errors import DocumentError, NotFoundError, PipelineError, RetryableError

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5


class Problem(BaseModel):
    """What went wrong (RFC 9457).

    `where`, `allowed` and `next_step` are parts of `detail`; `errors` lists bad parameters.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    where: str | None = None
    allowed: str | None = None
    next_step: str | None = None
    errors: list[dict[str, Any]] | None = None


def answer_problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """Return a response that describes a problem."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def describe_problems(descriptions: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the problems that every route may answer with, by status."""
    return {
        status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}
        for status, description in descriptions.items()
    }


def add_problems(app: FastAPI) -> None:
    """Make the application answer every error as a problem."""
    app.add_exception_handler(PipelineError, _answer_pipeline_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(RequestValidationError, _answer_invalid)


def _answer_pipeline_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PipelineError)  # noqa: S101 - it is registered for no other
    headers = None
    match error:
        case NotFoundError():
            status = HTTPStatus.NOT_FOUND
        case RetryableError():
            status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": f"{_RETRY_SECONDS}"}
        case DocumentError():  # the stored model is at fault, not the request
            status = HTTPStatus.CONFLICT
        case _:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
    parts = {name: getattr(error, name) or None for name in ("where", "allowed", "next_step")}
    return answer_problem(status, str(error), headers, **parts)


def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for no other
    headers = dict(error.headers) if error.headers else None
    return answer_problem(error.status_code, str(error.detail), headers)


def _answer_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for no other
    errors = [
        {"where": ".".join(map(str, each["loc"])), "what": each["msg"]}
        for each in jsonable_encoder(error.errors(), exclude={"input", "ctx"})
    ]
    detail = "; ".join(": ".join(filter(None, (each["where"], each["what"]))) for each in errors)
    return answer_problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
