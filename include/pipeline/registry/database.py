"""The models database, as a dependency of the routes."""

from typing import Annotated, NoReturn

from fastapi import Depends

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Database


def models_db() -> NoReturn:
    """Placeholder in the routes' signatures; `make_app` replaces it by its `connect`."""
    raise DatabaseUnavailableError("models_db", "the application was not given one")


ModelsDb = Annotated[Database, Depends(models_db)]
