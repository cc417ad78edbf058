"""A sweep as a first attempt would write it: one mapped task, which does everything for one definition."""

from pathlib import Path
from typing import Any

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, is_paused_upon_creation=False, params={"work": ""})
def naive_sweep() -> None:
    """List the definitions, train and score each."""

    @task
    def list_definitions() -> list[str]:
        from peers.work import Work

        return [*Work.read(_find_work()).definitions]

    @task
    def train(label: str) -> float:
        from peers.recipe import measure_accuracy
        from peers.work import Work

        return measure_accuracy(Work.read(_find_work()), label)

    train.expand(label=list_definitions())


def _find_work() -> Path:
    params: Any = get_current_context()["params"]
    return Path(params["work"])


naive_sweep()
