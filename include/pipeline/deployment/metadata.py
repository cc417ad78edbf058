"""Airflow's own database: its schema, the objects that the settings name, and whether the DAG has been read."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from pipeline.airflow_client.api import DAG_ID, AirflowApi
from pipeline.deployment.airflow_settings import TRAINING_POOL
from pipeline.deployment.home import code_root
from pipeline.deployment.programs import airflow_command
from pipeline.deployment.settings import SETTINGS_FILE, PoolSetting, Settings, apply_settings, read_settings
from pipeline.errors import DeploymentError


def migrate_airflow(environ: Mapping[str, str], log: Path | None = None) -> None:
    """Bring the Airflow database to the installed version's schema.

    Args:
        log: the file for the command's output; by default it goes to the output of this process.

    Raises:
        DeploymentError: it failed.
    """
    with nullcontext() if log is None else log.open("w") as output:
        if output is not None:
            os.fchmod(output.fileno(), 0o600)
        done = subprocess.run(
            airflow_command("db", "migrate"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environ,
            umask=-1 if log is None else 0o077,
            check=False,
        )
    if done.returncode != 0:
        next_step = "its output is above; fix that, then run this again" if log is None else f"read {log}"
        raise DeploymentError(
            "Airflow's database", f"`airflow db migrate` failed with {done.returncode}", next_step=next_step
        )


def apply_machine_settings(api: AirflowApi, environ: Mapping[str, str], slots: int, last_slots: int) -> int:
    """Apply the checkout's airflow_settings.yaml, with the training pool in the size for this machine.

    Args:
        api: of this machine's deployment.
        environ: the deployment's environment, which has the connections.
        slots: the training pool's size.
        last_slots: the size that it was last given. A pool of another size was changed by a person and is left alone.

    Returns:
        The size that the pool was last given by this function.

    Raises:
        SettingsError: the file contains something that is not allowed.
        DeploymentError: Airflow refused a part of it; the other parts are applied.
    """
    path = code_root() / SETTINGS_FILE
    settings = read_settings(path) if path.is_file() else Settings()
    if all(pool.pool_name != TRAINING_POOL for pool in settings.pools):
        pool = PoolSetting(pool_name=TRAINING_POOL, pool_slot=slots, pool_description="One slot a training task.")
        settings = settings.model_copy(update={"pools": (pool, *settings.pools)})
    shown = api.find(f"/api/v2/pools/{TRAINING_POOL}")
    is_ours = shown is None or shown["slots"] in (last_slots, slots)
    settings = settings.with_slots(TRAINING_POOL, slots if is_ours else shown["slots"])
    failed = [outcome for outcome in apply_settings(api, settings, environ) if outcome.state == "failed"]
    if failed:
        raise DeploymentError(
            path.name, " ".join(outcome.note for outcome in failed), next_step="fix it, then run `pipeline up`"
        )
    return slots if is_ours else last_slots


def dag_is_read(api: AirflowApi, since: str) -> bool:
    """Return whether the DAG has been read from its file since a moment (ISO 8601); True if there is no file.

    Raises:
        DeploymentError: the file cannot be imported.
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
            raise DeploymentError(f"dags/{DAG_ID}.py", f"does not import: {last_line}", next_step="fix it")
    return False
