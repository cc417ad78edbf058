"""Routes for those who write a plan: its schema, an example, and what the text that they have so far would train."""

import json
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from pipeline.errors import NotFoundError
from pipeline.plans.arrange import arrange_plan
from pipeline.plans.example import make_example
from pipeline.plans.schema import plan_schema
from pipeline.registry.access import User
from pipeline.registry.database import ModelsDb, models_db
from pipeline.registry.limits import MOST_PREVIEWS, PREVIEW_RETRY_SECONDS
from pipeline.registry.paging import RunId
from pipeline.registry.plan_schemas import PlanPreview, PlanText, Trainer
from pipeline.runs.outline import SECONDS, Sources, outline_plan
from pipeline.runs.patient_survey import PatientSurvey
from pipeline.stores.database import Database
from pipeline.stores.models.run_plans import find_plan
from pipeline.web.limit import limited

router = APIRouter(tags=["plans"], route_class=limited(MOST_PREVIEWS, PREVIEW_RETRY_SECONDS))


def sources() -> Sources:
    """Placeholder in the routes' signatures; `make_app` replaces it by its `connect` and `connect_examples`."""
    return Sources(models_db())


PlanSources = Annotated[Sources, Depends(sources)]


@router.get("/plans/schema")
def get_schema() -> Response:
    """Get the JSON Schema of a plan, with the description and the default of every option."""
    return Response(_write_schema(), media_type="application/schema+json")


@router.get("/plans/example")
def get_example(known: PlanSources) -> dict[str, Any]:
    """Get a plan that fits the examples that are there; without any, that of the demo."""
    return find_example(known.examples)


@router.post("/plans/preview", response_model=PlanPreview)
def preview(known: PlanSources, body: PlanText) -> dict[str, Any]:
    """Get what is wrong in the text of a plan, or what it would train; nothing is trained or stored.

    It opens no example: classes are known once a run of the DAG `preview_plan` has counted them.
    """
    return outline_plan(body.plan, known)


@router.get("/plans/trainer", response_model=Trainer)
def find_trainer(user: User) -> dict[str, Any]:
    """Get the user's name if they may train; otherwise 403."""
    return {"user": user}


@router.get("/runs/{run_id}/plan")
def get_plan(database: ModelsDb, run_id: RunId) -> dict[str, Any]:
    """Get the plan of a run, its keys in the order of the schema."""
    plan = find_plan(database, run_id)
    if plan is None:
        raise NotFoundError("run", f"there is no plan of {run_id[:300]!r}", next_step="see `pipeline runs list`")
    return dict(arrange_plan(plan))


def find_example(examples: Database | None) -> dict[str, Any]:
    """Return a plan that fits the examples that are there; that of the demo if none are known."""
    return make_example(PatientSurvey(examples, SECONDS).spans())


@cache
def _write_schema() -> bytes:
    return json.dumps(plan_schema(), ensure_ascii=False).encode()
