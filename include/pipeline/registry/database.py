"""The models database, as a dependency of the routes."""

from http import HTTPStatus
from typing import Annotated, NoReturn

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Database
from pipeline.web.problems import answer_problem


def models_db() -> NoReturn:
    """Placeholder in the routes' signatures; `make_app` replaces it by its `connect`."""
    raise DatabaseUnavailableError("models_db", "the application was not given one")


ModelsDb = Annotated[Database, Depends(models_db)]


def answer_no_value(_: Request, __: Exception) -> JSONResponse:
    """Answer 422 to a request with a value that PostgreSQL cannot store (`psycopg.DataError`)."""
    detail = "the request contains a value that PostgreSQL cannot store: a NUL character or a malformed number"
    return answer_problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
