"""Route of notifications, for clients that poll instead of listening to a queue."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pipeline.registry.database import ModelsDb
from pipeline.registry.paging import Limit
from pipeline.registry.schemas import NotificationsPage
from pipeline.stores.models.notifications import NotificationsStore

router = APIRouter(tags=["notifications"])


@router.get("/notifications", response_model=NotificationsPage)
def list_notifications(
    database: ModelsDb,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the previous answer; 0 for all.")] = 0,
    limit: Limit = 100,
    moves: Annotated[bool, Query(description="List moves and removals of aliases too.")] = False,
) -> dict[str, Any]:
    """List what has been trained since a cursor, and with `moves` also which aliases were moved.

    A model that is trained again is listed again; nothing is left out.
    """
    found = NotificationsStore(database).list_changed(after, limit + 1, with_moves=moves)
    rows = found[:limit]
    return {"items": rows, "next": rows[-1]["change"] if rows else after, "more": len(found) > limit}
