"""Routes of evaluations: stored models scored on examples after their training."""

from functools import partial
from typing import Any

from fastapi import APIRouter

from pipeline.registry.database import ModelsDb
from pipeline.registry.evaluations_schemas import ListedEvaluation
from pipeline.registry.paging import Limit, Offset, Reference, make_page
from pipeline.registry.schemas import Page
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.evaluations import EvaluationsStore

router = APIRouter(tags=["models"])


@router.get("/models/{reference}/evaluations", response_model=Page[ListedEvaluation])
def list_evaluations(database: ModelsDb, reference: Reference, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """List a model's scores on other examples than those of its training, newest first."""
    with database.kept_open():
        label, version = AliasesStore(database).resolve(reference)
        return make_page(partial(EvaluationsStore(database).list_newest, None, label, version), limit, offset)
