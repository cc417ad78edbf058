"""Models of one recipe through time: the same definition, trained on later spans."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pipeline.components.options import canonical_json
from pipeline.datasets.base import drop_moments
from pipeline.errors import PipelineError
from pipeline.plans.definition import Definition
from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))


def list_history(database: Database, definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the models of a definition's recipe, those with the oldest testing examples first.

    Each has `label`, `version`, scores, aliases and, for the `training` and the `testing` set, count, first and last.
    """
    recipe = _fill(definition)
    with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(queries.select_recipe, {"recipe": Jsonb(recipe)}).fetchall()
    name = _remember()
    wanted = name(definition)
    return [row for row in rows if name(row.pop("definition")) == wanted]


def _fill(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with every default of this version; as it is stored if a class of it is not installed."""
    try:
        written = Definition.from_dict(definition).to_dict()
    except PipelineError:
        written = definition
    block = written["dataset"]
    return written | {"dataset": block | {"options": drop_moments(block["options"])}}


def _remember() -> Callable[[dict[str, Any]], str]:
    """Return what names a definition's recipe, equal for equal recipes, and does so once for each that is written."""
    known: dict[str, str] = {}

    def name(definition: dict[str, Any]) -> str:
        block = definition["dataset"]
        written = canonical_json(definition | {"dataset": block | {"options": drop_moments(block["options"])}})
        if written not in known:
            try:
                known[written] = Definition.from_dict(definition).recipe
            except PipelineError:
                known[written] = written
        return known[written]

    return name
