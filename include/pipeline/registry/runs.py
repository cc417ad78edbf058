"""Routes of runs: the progress of each, and which of its options matters."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from pipeline.plans.naming import LONGEST_NAME, LONGEST_TAG
from pipeline.registry.access import User
from pipeline.registry.compared import find_compared
from pipeline.registry.comparison_schemas import Effects
from pipeline.registry.database import ModelsDb
from pipeline.registry.effects import list_effects
from pipeline.registry.interactions import list_interactions
from pipeline.registry.paging import Limit, Offset, RunId, TestingSetDigest, Without
from pipeline.registry.schemas import Called, NewlyCalled, Page, Run, RunSummary
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.run_names import describe_run

router = APIRouter(tags=["runs"])

Score = Literal["score", "accuracy", "macro_f1", "gain", "training_seconds", "size_bytes"]


@router.get("/runs", response_model=Page[Run])
def list_runs(
    database: ModelsDb,
    tag: Annotated[str | None, Query(max_length=LONGEST_TAG, description="Only runs with this tag.")] = None,
    text: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="Only runs whose id, name or note contains this text.")
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """List runs, newest first, with the number of permutations in each state."""
    ledger = Ledger(database)
    items, total = ledger.list_runs(limit, offset, tag=tag, text=text), ledger.count_runs(tag, text)
    return {"items": items, "total": total, "limit": limit, "offset": offset}


@router.get("/runs/{run_id}", response_model=RunSummary)
def get_run(database: ModelsDb, run_id: RunId) -> dict[str, Any]:
    """Get one run with its counts and what its plan excludes."""
    ledger = Ledger(database)
    return ledger.get_run(run_id) | {"exclusions": ledger.list_exclusions(run_id)}


@router.patch("/runs/{run_id}", response_model=Called)
def change_run(_: User, database: ModelsDb, run_id: RunId, body: NewlyCalled) -> dict[str, Any]:
    """Change what a run is called."""
    return describe_run(database, run_id, body.model_dump(exclude_unset=True))


@router.get("/runs/{run_id}/effects", response_model=Effects)
def get_effects(
    database: ModelsDb,
    run_id: RunId,
    score: Annotated[
        Score, Query(description="The score to explain; `score` is the metric on the examples that choose.")
    ] = "score",
    testing_set: TestingSetDigest = "",
    without: Without = None,
) -> dict[str, Any]:
    """Get how much each option of a run matters to a score, among models that were tested on the same examples."""
    found = find_compared(Ledger(database), run_id, score, testing_set, without)
    return {
        "score": score,
        "definitions": len(found.models),
        "testing_set": found.testing_set,
        "testing_sets": found.testing_sets,
        "options": list_effects(found.models, score),
        "interactions": list_interactions(found.models, score),
    }
