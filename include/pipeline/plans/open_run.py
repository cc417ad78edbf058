"""The first step of a run: from its config to the ledger."""

from typing import Any

import structlog

from pipeline.plans.expand import expand
from pipeline.plans.permute import count_permutations
from pipeline.stores.database import Database
from pipeline.stores.ledger import Ledger

log = structlog.get_logger(__name__)


def open_run(run_id: str, plan: Any, models_db: Database) -> list[str]:
    """Expand a plan, write the run and its definitions to the ledger, and return their labels in order.

    Raises:
        PlanError: with everything that is wrong in the plan; nothing is written then.
    """
    definitions = expand(plan)
    permutations = count_permutations(plan)
    Ledger(models_db).open_run(run_id, plan, permutations, definitions)
    labels = [definition.label for definition in definitions]
    log.info("expanded the plan", run=run_id, permutations=permutations, definitions=len(labels))
    return labels
