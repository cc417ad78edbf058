"""The first step of a run: from its config to the ledger."""

from typing import Any

import structlog

from pipeline.connections import Connections
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.expand import expand
from pipeline.plans.expansion import Expansion
from pipeline.plans.stored import find_empty_selections, find_reusable
from pipeline.stores.examples_survey import ExamplesSurvey
from pipeline.stores.ledger import Ledger
from pipeline.stores.models import ModelsStore

log = structlog.get_logger(__name__)


def open_run(run_id: str, plan: Any, connections: Connections, most: int | None = None) -> list[str]:
    """Expand a plan, write the run and its definitions to the ledger, and return the labels to train, in order.

    Args:
        most: how many definitions one run can train; no limit where nothing is given.

    Raises:
        PlanError: with everything that is wrong in the plan; the ledger then holds the run as refused.
    """
    ledger = Ledger(connections.models_db)
    survey = ExamplesSurvey(connections.examples_db)
    try:
        expansion, reused = _prepare(plan, survey, ModelsStore(connections.models_db), most)
    except PlanError as error:
        ledger.refuse_run(run_id, str(error))
        raise
    labels = ledger.open_run(run_id, plan, expansion, reused)
    for warning in expansion.warnings:
        log.warning(str(warning))
    log.info(
        "expanded the plan",
        run=run_id,
        permutations=expansion.permutations,
        excluded=expansion.excluded,
        duplicate=expansion.repeated + len(expansion.duplicates),
        reused=len(reused),
        to_train=len(labels),
    )
    return labels


def _prepare(
    plan: Any, survey: ExamplesSurvey, models: ModelsStore, most: int | None
) -> tuple[Expansion, dict[str, int]]:
    expansion = expand(plan)
    if findings := find_empty_selections(expansion, survey):
        raise PlanError(findings)
    reused = find_reusable(expansion, survey, models) if expansion.settings.on_existing == "reuse" else {}
    to_train = [definition for definition in expansion.to_train if definition.label not in reused]
    if most is not None and len(to_train) > most:
        what, allowed = f"{len(to_train):,} to train", f"one run takes at most {most:,}"
        hint = '"exclude" or "sample" some, or split the plan into several runs'
        raise PlanError([Finding("max_definitions", what, allowed, hint)])
    return expansion, reused
