"""The task of the DAG `prune`: it takes the policy from the run, and calls `pipeline.runs`."""

import logging
from pathlib import Path
from typing import Any

from airflow.sdk import get_current_context

from pipeline.deployment.cleanup import AirflowCleaner
from pipeline.deployment.home import Home
from pipeline.environment import MOST_KEPT, Deployment, Keep
from pipeline.runs.prune import preview
from pipeline.runs.prune import prune as prune_everything
from pipeline.runs.prune_request import OTHERWISE_DAYS, read_policy
from pipeline.stores.author import Author
from pipeline_airflow.connections import airflow_connections
from pipeline_airflow.plain_log import write_values_plainly

log = logging.getLogger(__name__)

_NIGHTLY = "17 3 * * *"
_SCHEDULED = "scheduled"


def find_schedule() -> str | None:
    """Return when the DAG runs by itself; None if no setting says what to keep."""
    return None if Keep.read().days is None else _NIGHTLY


def list_params() -> dict[str, dict[str, Any]]:
    """Return the arguments of a `Param` for each field of the trigger form."""
    settings = Keep.read()
    described = {name: field.description for name, field in Keep.model_fields.items()}
    return {
        "days": {
            "default": settings.days or OTHERWISE_DAYS, "type": "integer", "minimum": 1, "maximum": MOST_KEPT,
            "description": described["days"],
        },
        "best": {
            "default": settings.best, "type": "integer", "minimum": 0, "maximum": MOST_KEPT,
            "description": described["best"],
        },
        "of_recipe": {
            "default": settings.of_recipe, "type": "integer", "minimum": 0, "maximum": MOST_KEPT,
            "description": described["of_recipe"],
        },
        "delete": {"default": False, "type": "boolean", "description": "Delete it; else the log tells what would be."},
    }  # fmt: skip


def prune() -> dict[str, int]:
    """Prune, or tell what would be pruned; return how much."""
    write_values_plainly()
    context = get_current_context()
    dag_run, connections = context["dag_run"], airflow_connections()
    policy, delete = read_policy(dag_run.conf or {}, Keep.read())  # as it was given, so that every key is checked
    if delete or dag_run.run_type == _SCHEDULED:
        author = Author("the DAG prune", f"older than {policy.days} days, in run {context['run_id']}")
        return prune_everything(policy, connections, author, _find_cleaner()).to_dict()
    found, models = preview(policy, connections, _find_cleaner())
    log.info("with %s would be deleted: %s", policy.to_dict(), found.to_dict())
    for model in models:
        log.info("would be deleted: %s@%s of run %s", model["label"], model["version"], model["run_id"])
    return found.to_dict()


def _find_cleaner() -> AirflowCleaner | None:
    """Return what cleans Airflow's part, if this is a deployment on one machine."""
    folder = Deployment.read().home
    return AirflowCleaner(Home(Path(folder))) if folder else None
