"""Routes that delete and retire models, for those who may delete runs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from pipeline.registry.access import Remover
from pipeline.registry.announcer import Announce
from pipeline.registry.database import ModelsDb
from pipeline.registry.models import find_model
from pipeline.registry.paging import Limit, Reference
from pipeline.registry.schemas import DeletedModel, ListedModel, Retirement
from pipeline.stores.author import Author, check_reason
from pipeline.stores.models.removal import RemovalStore

router = APIRouter(tags=["models"])


@router.delete("/models/{reference}", status_code=204)
def delete_model(
    remover: Remover,
    database: ModelsDb,
    announce: Announce,
    reference: Reference,
    reason: Annotated[str, Query(max_length=1000, description="Why you delete it; kept with its name.")],
    with_aliases: Annotated[bool, Query(description="Also remove the aliases that point at it.")] = False,
) -> Response:
    """Delete a model version with its document, answers and notification. Only its name is left.

    It is refused while an alias points at it, and if the label has several versions and none is named.
    """
    author = Author(remover, check_reason(reason))
    RemovalStore(database).delete([reference], author, with_aliases=with_aliases)
    if with_aliases:
        announce()
    return Response(status_code=204)


@router.patch("/models/{reference}", response_model=ListedModel)
def retire_model(remover: Remover, database: ModelsDb, reference: Reference, body: Retirement) -> dict[str, Any]:
    """Retire a model version, so that nothing offers it any more, or bring it back. It stays stored."""
    removal, author = RemovalStore(database), Author(remover, check_reason(body.reason))
    label, version = removal.retire([reference], author)[0] if body.retired else removal.bring_back([reference])[0]
    return find_model(database, f"{label}@{version}")


@router.get("/deleted", response_model=list[DeletedModel])
def list_deleted(database: ModelsDb, limit: Limit = 50) -> list[dict[str, Any]]:
    """List the models that were deleted last, the last first."""
    return RemovalStore(database).list_deleted(limit)
