"""A scaled-out deployment to break, a diary of what is done to it, and a plan of as many definitions as asked."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.stores.database import Database
from scaled.cluster import Cluster, running_cluster
from scaled.compose import ROOT, make_variables

SHORT = os.environ.get("CHAOS") == "short"
DEFINITIONS = 60 if SHORT else 200
# beside a definition that fails, whose tries take minutes
OTHERS = 12 if SHORT else DEFINITIONS
CONSUMER = "audit"

IN_STATE = "SELECT count(*) FROM definitions WHERE run_id = %(run_id)s AND state = %(state)s"
TRIED = "SELECT count(*) FROM trials WHERE run_id = %(run_id)s AND score IS NOT NULL"


class Diary:
    """Who looks on while things break: counts what is trained, and writes down when what happened."""

    def __init__(self, cluster: Cluster, path: Path) -> None:
        self.models_db = Database.from_url("models_db", cluster.postgres.url("models"))
        self._path = path
        self._begun = time.monotonic()

    def note(self, sentence: str) -> None:
        """Write a line, with the seconds since the beginning."""
        line = f"{time.monotonic() - self._begun:7.1f} s  {sentence}"
        with self._path.open("a") as file:
            file.write(line + "\n")
        print(line, flush=True)  # noqa: T201 - `make chaos` shows it as it happens

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return what the models database answers."""
        with self.models_db.connection() as connection:
            return connection.execute(query, parameters).fetchall()

    def count_trained(self, run_id: str) -> int:
        """Return how many definitions of a run are trained."""
        return int(self.rows(IN_STATE, run_id=run_id, state="trained")[0][0])

    def wait_for_trained(self, run_id: str, wanted: int, seconds: float = 300) -> int:
        """Return once so many definitions of a run are trained: whatever was broken works again."""
        return self._wait_for(IN_STATE, wanted, seconds, run_id=run_id, state="trained")

    def wait_for_training(self, run_id: str, wanted: int, seconds: float = 300) -> int:
        """Return once workers train so many definitions of a run, which then need no broker any more."""
        return self._wait_for(IN_STATE, wanted, seconds, run_id=run_id, state="training")

    def wait_for_trials(self, run_id: str, wanted: int, seconds: float = 300) -> int:
        """Return once so many trials of a run's search have ended."""
        return self._wait_for(TRIED, wanted, seconds, run_id=run_id)

    def _wait_for(self, query: str, wanted: int, seconds: float, **parameters: str) -> int:
        deadline = time.monotonic() + seconds
        while (count := int(self.rows(query, **parameters)[0][0])) < wanted:
            assert time.monotonic() < deadline, f"{count} of {parameters}, and no more for {seconds} s"
            time.sleep(0.1)
        return count


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two training workers of little memory each; the examples of the demo; a second consumer of notifications."""
    variables = make_variables(WORKER_MEMORY="1g")
    with running_cluster(tmp_path_factory.mktemp("chaos"), variables, own_notifications_path=True) as running:
        for command in (("examples", "demo"), ("notifications", "subscribe", CONSUMER)):
            done = running.run(*command)
            assert done.returncode == 0, done.stderr
        yield running


@pytest.fixture(scope="session")
def diary(cluster: Cluster) -> Diary:
    """The diary of this session, kept in `test-artefacts/chaos.txt`."""
    path = ROOT / "test-artefacts" / "chaos.txt"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    return Diary(cluster, path)


def make_plan(count: int, **others: Any) -> dict[str, Any]:
    """Return a plan of `count` small definitions on the demo's examples; `count` a multiple of four."""
    plan: dict[str, Any] = json.loads((ROOT / "include/plans/demo.json").read_text())
    plan["adapter"] = {
        "name": "WordFrequencyAdapter",
        "options": {
            "sequence_length": [50, 100, 150, 200],
            "vocabulary_size": [200 + 10 * n for n in range(count // 4)],
        },
    }
    plan["model"] = {"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": [1.0]}}
    return plan | others
