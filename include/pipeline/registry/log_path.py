"""The address of a training's log in Airflow."""

from urllib.parse import quote

from pipeline.airflow_client.api import DAG_ID


def format_log_path(run_id: str, map_index: int | None) -> str | None:
    """Return the path of a task instance's log below Airflow's address; None if `map_index` is None."""
    if map_index is None:
        return None
    return f"dags/{DAG_ID}/runs/{quote(run_id, safe=':+')}/tasks/train/mapped/{map_index}"
