"""Runs: how far each is, and which of a run's options matters."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from pipeline.registry.comparison_schemas import Effects
from pipeline.registry.database import ModelsDb
from pipeline.registry.effects import tell_effects
from pipeline.registry.paging import Limit, Offset
from pipeline.registry.schemas import Page, Run, RunSummary
from pipeline.stores.ledger import Ledger

router = APIRouter(tags=["runs"])

Score = Literal["accuracy", "macro_f1", "gain", "training_seconds", "size_bytes"]


@router.get("/runs", response_model=Page[Run])
def list_runs(database: ModelsDb, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """List runs, the newest first, each with how many of its permutations are in which state."""
    ledger = Ledger(database)
    return {"items": ledger.list_runs(limit, offset), "total": ledger.count_runs(), "limit": limit, "offset": offset}


@router.get("/runs/{run_id}", response_model=RunSummary)
def get_run(database: ModelsDb, run_id: str) -> dict[str, Any]:
    """Get a run's counts, and what its plan excludes."""
    ledger = Ledger(database)
    return ledger.get_run(run_id) | {"exclusions": ledger.list_exclusions(run_id)}


@router.get("/runs/{run_id}/effects", response_model=Effects)
def get_effects(
    database: ModelsDb, run_id: str, score: Annotated[Score, Query(description="The score looked at.")] = "accuracy"
) -> dict[str, Any]:
    """Tell how much each option of a run that has several values matters to a score, what matters most first."""
    ledger = Ledger(database)
    ledger.get_run(run_id)
    definitions = [row for row in ledger.list_definitions(run_id) if row["accuracy"] is not None]
    for row in definitions:
        row["gain"] = row["accuracy"] - row["baseline_accuracy"]
    return {"score": score, "definitions": len(definitions), "options": tell_effects(definitions, score)}
