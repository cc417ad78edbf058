"""Where routes get the models database from."""

from typing import Annotated, NoReturn

from fastapi import Depends

from pipeline.errors import DatabaseUnavailableError
from pipeline.stores.database import Database


def models_db() -> NoReturn:
    """Stand in a route's signature for the models database that the application is given."""
    raise DatabaseUnavailableError("models_db", "the application was given none")


ModelsDb = Annotated[Database, Depends(models_db)]
