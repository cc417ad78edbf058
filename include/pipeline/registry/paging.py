"""The parameters of a page."""

from typing import Annotated, Any

from fastapi import Query

Limit = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out before.")]


def make_page(rows: list[dict[str, Any]], limit: int, offset: int, total: int | None = None) -> dict[str, Any]:
    """Return rows, each of which has the `total`, as a page."""
    counted = rows[0]["total"] if rows else 0
    return {"items": rows, "total": counted if total is None else total, "limit": limit, "offset": offset}
