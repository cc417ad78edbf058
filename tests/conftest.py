"""Settings that have to stand before anything imports Airflow: a home of its own, nothing of the user's."""
# Each of xdist's workers reads this file too, and so has a home of its own.

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

_AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="pipeline-test-airflow-"))
atexit.register(shutil.rmtree, _AIRFLOW_HOME, ignore_errors=True)

for name in [name for name in os.environ if name.startswith(("AIRFLOW", "PIPELINE_")) and "TEST" not in name]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": str(_AIRFLOW_HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parents[1] / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
}

_GIB_OF_WORKER = 2
"""What a worker takes together with a deployment that it tests."""

_TOGETHER = {
    "tests/dags/": "Airflow's database",
    "tests/scaled/": "a deployment of one's own",
    "tests/e2e/test_deployment": "a deployment to break",
    "tests/e2e/": "a deployment to train and look at",
}
"""What tests share that is dear, by how their paths begin: one worker takes all of them, in the order written.
Any other test is taken by whoever is free."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` is: one more than cores, for whoever tests a deployment mostly waits."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores + 1, psutil.virtual_memory().available // 2**30 // _GIB_OF_WORKER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let tests that share something be together; with pytest 9.2, xdist 3.8 passes its own mark for that over."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return next((lane for path, lane in _TOGETHER.items() if nodeid.startswith(path)), nodeid)

    return Scheduling(config, log)
