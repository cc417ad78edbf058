"""Airflow's own database: its schema, the training pool, and the DAG being there."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipeline.airflow_api import DAG_ID, AirflowApi
from pipeline.deployment.airflow_settings import TRAINING_POOL
from pipeline.deployment.home import Home, code_root
from pipeline.deployment.programs import airflow_command
from pipeline.errors import DeploymentError


def migrate_airflow(home: Home, environ: Mapping[str, str]) -> None:
    """Bring the Airflow database to the installed version's schema.

    Raises:
        DeploymentError: it failed; what it said is in the log that the sentence names.
    """
    log = home.log_of("airflow-migrate")
    with log.open("w") as output:
        os.fchmod(output.fileno(), 0o600)
        done = subprocess.run(
            airflow_command("db", "migrate"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environ,
            umask=0o077,
            check=False,
        )
    if done.returncode != 0:
        raise DeploymentError(
            "Airflow's database", f"`airflow db migrate` failed with {done.returncode}", next_step=f"read {log}"
        )


def set_training_slots(api: AirflowApi, slots: int, last_slots: int) -> int:
    """Create the training pool, or resize it unless somebody else did; return the size we last gave it."""
    body = {
        "name": TRAINING_POOL,
        "slots": slots,
        "description": "One slot a training task.",
        "include_deferred": False,
    }
    status, answer = api.call("GET", f"/api/v2/pools/{TRAINING_POOL}")
    if status == 404:
        status, answer = api.call("POST", "/api/v2/pools", body)
    elif status == 200 and answer["slots"] == last_slots != slots:
        status, answer = api.call("PATCH", f"/api/v2/pools/{TRAINING_POOL}", {**body, "pool": TRAINING_POOL})
    elif status == 200:
        return last_slots
    if status not in (200, 201):
        raise DeploymentError("Airflow", f"the pool {TRAINING_POOL} cannot be set (status {status}: {answer})")
    return slots


def dag_is_read(api: AirflowApi, since: str) -> bool:
    """Say whether the DAG has been read from its file since a moment (ISO 8601); true where there is no file.

    Raises:
        DeploymentError: the file does not import.
    """
    if not (code_root() / "dags" / f"{DAG_ID}.py").exists():
        return True
    status, answer = api.call("GET", f"/api/v2/dags/{DAG_ID}")
    if status == 200 and (answer.get("last_parsed_time") or "") >= since:
        return True
    status, answer = api.call("GET", "/api/v2/importErrors")
    for error in answer.get("import_errors", ()) if status == 200 else ():
        if Path(error["filename"]).name == f"{DAG_ID}.py" and error["timestamp"] >= since:
            last_line = error["stack_trace"].strip().splitlines()[-1]
            raise DeploymentError(f"dags/{DAG_ID}.py", f"does not import: {last_line}", next_step="mend it")
    return False
