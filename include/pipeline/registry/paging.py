"""The parameters of a page."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query

Limit = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out before.")]


def make_page(fetch: Callable[[int, int], list[dict[str, Any]]], limit: int, offset: int) -> dict[str, Any]:
    """Return a page.

    Args:
        fetch: gives rows by a limit and an offset; each row has the `total`.
    """
    rows = fetch(limit, offset)
    counted = rows or (fetch(1, 0) if offset else [])  # past the end no row tells
    return {"items": rows, "total": counted[0]["total"] if counted else 0, "limit": limit, "offset": offset}
