"""Routes of the pictures of a run: its models by score and cost, how scores grew, and who worked when."""

from typing import Any

from fastapi import APIRouter, Request

from pipeline.registry.database import ModelsDb
from pipeline.registry.paging import RunId, TestingSetDigest, Without
from pipeline.registry.run_pictures import find_timeline, find_trainings
from pipeline.registry.trainings_schemas import Timeline, Trainings

router = APIRouter(tags=["runs"])


@router.get("/runs/{run_id}/trainings", response_model=Trainings)
def get_trainings(
    request: Request,
    database: ModelsDb,
    run_id: RunId,
    testing_set: TestingSetDigest = "",
    without: Without = None,
) -> dict[str, Any]:
    """Get a run's models of one testing set with their scores and costs, and which of them are worth their cost.

    Definitions without a model, such as those that a search stopped, are listed after them.
    """
    return find_trainings(database, request.app.state.ties, run_id, testing_set, without)


@router.get("/runs/{run_id}/timeline", response_model=Timeline)
def get_timeline(database: ModelsDb, run_id: RunId) -> dict[str, Any]:
    """Get who trained and tried what when in a run, and who waited for whom."""
    return find_timeline(database, run_id)
