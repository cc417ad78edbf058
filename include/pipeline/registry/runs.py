"""Routes of runs: the progress of each, and which of its options matters."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from pipeline.errors import PipelineError
from pipeline.plans.naming import LONGEST_NAME, LONGEST_TAG
from pipeline.registry.access import User
from pipeline.registry.comparison_schemas import Effects
from pipeline.registry.database import ModelsDb
from pipeline.registry.effects import list_effects
from pipeline.registry.paging import Limit, Offset, RunId
from pipeline.registry.schemas import Called, NewlyCalled, Page, Run, RunSummary
from pipeline.stores.models.leaderboard import group_by_sets
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
    testing_set: Annotated[
        str, Query(max_length=64, description="A testing set's digest; by default the set with the most models.")
    ] = "",
) -> dict[str, Any]:
    """Get how much each option of a run matters to a score, among models that were tested on the same examples."""
    ledger = Ledger(database)
    ledger.get_run(run_id)
    trained = [row for row in ledger.list_definitions(run_id) if row[score] is not None]
    compared = ("testing_set", "validation_set") if score == "score" else ("testing_set",)
    groups = sorted(group_by_sets(trained, compared), key=lambda rows: -len(rows))
    known: dict[str, list[dict[str, Any]]] = {}
    for rows in groups:
        if rows[0]["testing_set"]:
            known.setdefault(rows[0]["testing_set"]["digest"], rows)
    if testing_set and testing_set not in known:
        raise PipelineError("testing_set", repr(testing_set), f"one of {', '.join(known)}" if known else "none")
    definitions = known[testing_set] if testing_set else next(iter(groups), [])
    return {
        "score": score,
        "definitions": len(definitions),
        "testing_set": definitions[0]["testing_set"] if definitions else None,
        "testing_sets": [rows[0]["testing_set"] | {"models": len(rows)} for rows in known.values()],
        "options": list_effects(definitions, score),
    }
