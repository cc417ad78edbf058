"""The first step of a run: the definitions of its plan are written to the ledger."""

from datetime import datetime
from typing import Any

from pipeline.log import get_logger
from pipeline.plans.errors import PlanError
from pipeline.plans.order import order_to_share
from pipeline.runs.connections import Connections
from pipeline.runs.expand import expand_for_run
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

log = get_logger(__name__)


def open_run(
    run_id: str, plan: Any, connections: Connections, most: int | None = None, now: datetime | None = None
) -> list[str]:
    """Expand a plan, write the run and its definitions to the ledger, and return the labels in the order of training.

    Args:
        most: how many definitions one run can train; None means any number.
        now: what `now` means in the plan: the same whenever the run is opened again.

    Raises:
        PlanError: with everything that is wrong in the plan; the ledger then has the run as refused.
    """
    ledger = Ledger(connections.models_db)
    try:
        expansion = expand_for_run(
            plan, ExamplesSurvey(connections.examples_db), ModelsStore(connections.models_db), most, now
        )
    except PlanError as error:
        ledger.refuse_run(run_id, str(error))
        raise
    wanted = set(ledger.open_run(run_id, plan, expansion))
    labels = [each.label for each in order_to_share(each for each in expansion.definitions if each.label in wanted)]
    for warning in expansion.warnings:
        log.warning(str(warning))
    log.info(
        "expanded the plan",
        run=run_id,
        permutations=expansion.permutations,
        excluded=expansion.excluded,
        duplicate=expansion.repeated + len(expansion.duplicates),
        reused=len(expansion.reused),
        to_train=len(labels),
    )
    return labels
