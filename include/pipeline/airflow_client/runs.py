"""One run in Airflow, through the REST API, limited to what ending and resuming it need."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pipeline.airflow_client.api import DAG_ID, AirflowApi

# The largest page that Airflow returns. Changes are split so that each call ends well within its time.
PAGE = 100
CHUNK = 500
CHANGE_SECONDS = 300

_AFTER = ("notify", "finish")
_NOT_TRAINED = ("failed", "skipped", "upstream_failed")


class AirflowRun:
    """A run of `train_classifiers` by its id; it need not exist in Airflow."""

    def __init__(self, api: AirflowApi, run_id: str) -> None:
        self.api = api
        self.run_id = run_id
        self._path = f"/api/v2/dags/{DAG_ID}/dagRuns/{quote(run_id, safe='')}"

    def find_state(self) -> str | None:
        """Return `queued`, `running`, `success` or `failed`; None if Airflow has no such run."""
        answer = self.api.find(self._path)
        return None if answer is None else str(answer["state"])

    def mark_failed(self) -> None:
        """End the run: running tasks are killed, waiting ones are skipped, and `notify` runs.

        A run that has already ended is only marked as failed.
        """
        self.api.change("PATCH", self._path, {"state": "failed"}, CHANGE_SECONDS)

    def list_labels(self) -> list[str] | None:
        """Return the labels that `expand_plan` returned, each at its map index; None if it did not succeed."""
        answer = self.api.find(f"{self._path}/taskInstances/expand_plan/xcomEntries/return_value")
        if answer is None:
            return None
        value = answer["value"]
        return list(json.loads(value) if isinstance(value, str) else value)

    def is_expanded(self) -> bool:
        """Return whether there is a `train` instance for each label, instead of one placeholder for all."""
        page = self.api.find(f"{self._path}/taskInstances?task_id=train&limit=1&order_by=map_index")
        return any(instance["map_index"] >= 0 for instance in page["task_instances"])

    def list_untrained(self) -> list[int]:
        """Return the map indexes of the `train` instances that are failed or skipped in Airflow."""
        query = "&".join(
            ["task_id=train", f"limit={PAGE}", "order_by=map_index", *(f"state={s}" for s in _NOT_TRAINED)]
        )
        indexes: list[int] = []
        while page := self.api.find(f"{self._path}/taskInstances?{query}&offset={len(indexes)}")["task_instances"]:
            indexes += [instance["map_index"] for instance in page]
        return indexes

    def mark_trained(self) -> None:
        """Mark every `train` instance as successful in one call: a call for each would take half a second each."""
        self._clear(_AFTER, start=False)  # if one of these had failed, Airflow would start the run
        self.api.change("PATCH", f"{self._path}/taskInstances/train", {"new_state": "success"}, CHANGE_SECONDS)

    def clear_training(self, map_indexes: Sequence[int] | None) -> None:
        """Clear `train` instances, all or those of some map indexes; the run stays ended until `start_again`."""
        if map_indexes is None:
            self._clear(["train"], start=False)
            return
        for first in range(0, len(map_indexes), CHUNK):
            self._clear([["train", index] for index in map_indexes[first : first + CHUNK]], start=False)

    def start_again(self) -> None:
        """Clear the tasks after the trainings and let the run continue."""
        self._clear(_AFTER, start=True)

    def clear(self) -> None:
        """Clear every task instance and start the run from the beginning."""
        self._clear(["expand_plan", "train", *_AFTER], start=True)

    def _clear(self, task_ids: Sequence[Any], *, start: bool) -> None:
        body = {
            "dag_run_id": self.run_id,
            "task_ids": task_ids,
            "dry_run": False,
            "only_failed": False,
            "reset_dag_runs": start,
        }
        self.api.change("POST", f"/api/v2/dags/{DAG_ID}/clearTaskInstances", body, CHANGE_SECONDS)
