"""Parameters that several routes share, and pages of lists."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Query

Reference = Annotated[str, Path(description="A label (its newest version), `label@3` or `@alias`.")]
RunId = Annotated[str, Path(description="Airflow's id of the run.")]
AliasName = Annotated[str, Path(description="The alias, without `@`.")]
Limit = Annotated[int, Query(ge=1, le=500, description="The most items to return.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="The number of items to skip.")]
TestingSetDigest = Annotated[
    str, Query(max_length=64, description="A testing set's digest; by default the set with the most models.")
]
Without = Annotated[
    list[str] | None,
    Query(
        max_length=50,
        description="Leave out definitions with this value of an option, or with this class, such as "
        "`model.kernel:poly` or `adapter.name:HashingAdapter`.",
    ),
]


def make_page(fetch: Callable[[int, int], list[dict[str, Any]]], limit: int, offset: int) -> dict[str, Any]:
    """Return a page of rows.

    Args:
        fetch: returns rows by a limit and an offset; each row holds the `total`.
    """
    rows = fetch(limit, offset)
    counted = rows or (fetch(1, 0) if offset else [])  # past the end no row has the total
    return {"items": rows, "total": counted[0]["total"] if counted else 0, "limit": limit, "offset": offset}
