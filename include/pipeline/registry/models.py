"""Routes of models: lists, and everything about one except its document."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query

from pipeline.notifications.names import exchange_name
from pipeline.registry.curves_schemas import Curves
from pipeline.registry.database import ModelsDb
from pipeline.registry.history_schemas import HistoryModel
from pipeline.registry.log_path import format_log_path
from pipeline.registry.paging import Limit, Offset, Reference, make_page
from pipeline.registry.schemas import ListedModel, Model, Page
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.history import list_history
from pipeline.stores.models.store import ModelsStore

router = APIRouter(tags=["models"])


@router.get("/models", response_model=Page[ListedModel])
def list_models(
    database: ModelsDb,
    run: Annotated[str | None, Query(max_length=300, description="Only models of this run.")] = None,
    label: Annotated[str | None, Query(max_length=300, description="Only versions of this label.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """List models, newest first."""
    return make_page(partial(ModelsStore(database).list_newest, run, label), limit, offset)


@router.get("/models/{reference}", response_model=Model)
def get_model(database: ModelsDb, reference: Reference) -> dict[str, Any]:
    """Get everything about a model except its document, by its label, `label@3` or `@alias`."""
    model = find_model(database, reference)
    document = {name: model[name] for name in ("encoding", "size_bytes", "adapter_size_bytes", "adapter_shared_by")}
    announced = None
    if model["noted_at"] is not None:
        announced = {name: model[name] for name in ("noted_at", "published_at")} | {"exchange": exchange_name()}
    return model | {
        "document": document | {"sha256": model["document_sha256"]},
        "announced": announced,
        "log_path": format_log_path(model["run_id"], model["map_index"]),
    }


@router.get("/models/{reference}/versions", response_model=Page[ListedModel])
def list_versions(database: ModelsDb, reference: Reference, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """List the versions of a model's label, newest first."""
    label, _ = AliasesStore(database).resolve(reference)
    return make_page(partial(ModelsStore(database).list_newest, None, label), limit, offset)


@router.get("/models/{reference}/history", response_model=Page[HistoryModel])
def get_history(database: ModelsDb, reference: Reference, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """List the models of the same recipe: adapter, model and dataset without its moments; the oldest span first."""
    with database.kept_open():
        found = list_history(database, find_model(database, reference)["definition"])
    return {"items": found[offset : offset + limit], "total": len(found), "limit": limit, "offset": offset}


@router.get("/models/{reference}/definition")
def get_definition(database: ModelsDb, reference: Reference) -> dict[str, Any]:
    """Get the definition that a model was trained from, with every option."""
    return dict(find_model(database, reference)["definition"])


@router.get("/models/{reference}/scores")
def get_scores(database: ModelsDb, reference: Reference) -> dict[str, Any]:
    """Get a model's scores on its testing set, with scores by class and the confusion matrix."""
    return dict(find_model(database, reference)["scores"])


@router.get("/models/{reference}/curves", response_model=Curves | None)
def get_curves(database: ModelsDb, reference: Reference) -> dict[str, Any] | None:
    """Get the curves of the probabilities that a model gave its testing set; null if it gives none."""
    with database.kept_open():
        return ModelsStore(database).get_curves(*AliasesStore(database).resolve(reference))


def find_model(database: ModelsDb, reference: str) -> dict[str, Any]:
    """Return everything about a model except its document.

    Raises:
        NotFoundError: there is no such model.
    """
    with database.kept_open():
        return ModelsStore(database).get_model(*AliasesStore(database).resolve(reference))
