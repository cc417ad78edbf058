"""Airflow's own tables and logs on one machine: what is old goes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.deployment.home import Home
from pipeline.deployment.programs import airflow_command
from pipeline.deployment.variables import environment
from pipeline.errors import DeploymentError

_TABLES: Final = (
    "asset_event", "callback", "dag_run", "deadline", "import_error", "job", "log", "partitioned_asset_key_log",
    "revoked_token", "task_instance", "task_instance_history", "task_reschedule", "task_state_store", "trigger", "xcom",
)  # fmt: skip
"""What grows with runs, logins and errors; versions of DAGs are few, and runs name them."""


@dataclass(frozen=True)
class AirflowCleaner:
    """The Airflow of a deployment on this machine. Runs that are younger, and their logs, stay."""

    home: Home

    def clean(self, before: datetime, *, delete: bool) -> tuple[int, int]:
        """Return the bytes and the number of log folders from before a moment, and delete them and older rows.

        Airflow also deletes runs that are going on if they began before that moment.

        Raises:
            DeploymentError: Airflow's command failed; the message has its last line.
        """
        size_bytes = folders = 0
        for folder in self._list_log_folders():
            try:
                files = [path.stat() for path in folder.rglob("*") if path.is_file()]
                latest = max(file.st_mtime for file in (*files, folder.stat()))
            except FileNotFoundError:  # somebody else cleans at the same time
                continue
            if latest < before.timestamp():
                size_bytes += sum(file.st_size for file in files)
                folders += 1
                if delete:
                    shutil.rmtree(folder, ignore_errors=True)
        if delete:
            self._clean_tables(before)
        return size_bytes, folders

    def _list_log_folders(self) -> Iterator[Path]:
        """Yield the folder of each run's logs, and of each day's logs of the DAG processor."""
        logs = self.home.airflow / "logs"
        yield from logs.glob("dag_id=*/run_id=*")
        yield from (path for path in logs.glob("dag_processor/*") if path.is_dir() and not path.is_symlink())

    def _clean_tables(self, before: datetime) -> None:
        command = airflow_command(
            "db", "clean", "--clean-before-timestamp", before.isoformat(), "--tables", ",".join(_TABLES),
            "--skip-archive", "--yes", "--error-on-cleanup-failure",
        )  # fmt: skip
        environ = {"PATH": os.environ.get("PATH", os.defpath)} | environment(self.home.path)
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            what = f"`airflow db clean` failed: {' '.join(last)}"
            raise DeploymentError(str(self.home.path), what, next_step="see `pipeline airflow db clean --help`")
