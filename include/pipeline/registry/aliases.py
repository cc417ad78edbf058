"""Routes of aliases: where each points, and who moved it when and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from pipeline.registry.access import User
from pipeline.registry.announcer import Announce
from pipeline.registry.database import ModelsDb
from pipeline.registry.paging import AliasName, Limit
from pipeline.registry.schemas import Alias, MovesPage, NewMove
from pipeline.stores.models.aliases import AliasesStore

router = APIRouter(tags=["aliases"])


@router.get("/aliases", response_model=list[Alias])
def list_aliases(database: ModelsDb) -> list[dict[str, Any]]:
    """List every alias and where it points."""
    return AliasesStore(database).list_aliases()


@router.get("/aliases/{alias}", response_model=Alias)
def get_alias(database: ModelsDb, alias: AliasName) -> dict[str, Any]:
    """Get where an alias points."""
    return AliasesStore(database).get_alias(alias)


@router.put("/aliases/{alias}", response_model=Alias)
def move_alias(user: User, database: ModelsDb, announce: Announce, alias: AliasName, body: NewMove) -> dict[str, Any]:
    """Point an alias at a model version; creates the alias if it does not exist. The move is announced afterwards."""
    moved = AliasesStore(database).move(alias, body.model, user, body.reason)
    announce()
    return moved


@router.delete("/aliases/{alias}", status_code=204)
def remove_alias(
    user: User,
    database: ModelsDb,
    announce: Announce,
    alias: AliasName,
    reason: Annotated[str, Query(max_length=1000, description="Why you remove it; kept in the history.")],
) -> Response:
    """Remove an alias; the history of its moves stays, and the removal is announced afterwards."""
    AliasesStore(database).remove(alias, user, reason)
    announce()
    return Response(status_code=204)


@router.get("/aliases/{alias}/moves", response_model=MovesPage)
def list_moves(
    database: ModelsDb,
    alias: AliasName,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the previous page.")] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the moves of an alias, newest first."""
    found = AliasesStore(database).list_moves(alias, before, limit + 1)
    rows = found[:limit]
    return {"items": rows, "next": rows[-1]["move_id"] if len(found) > limit else None}
