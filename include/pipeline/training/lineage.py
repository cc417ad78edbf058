"""Where a model came from: code, libraries, examples, seed, and the task that trained it."""

import hashlib
import os
import platform
import socket
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pipeline
from pipeline.datasets.base import Split
from pipeline.examples.example import ExampleSet

LIBRARIES = ("scikit-learn", "gensim", "numpy", "scipy", "apache-airflow-core")


@dataclass(frozen=True, slots=True)
class TaskRun:
    """Which task instance trains: Airflow's run id and try; `try_number` is 1 for the first."""

    run_id: str
    try_number: int = 1


def describe_lineage(task: TaskRun, split: Split, seed: int) -> dict[str, Any]:
    """Return a model's lineage as JSON values; examples appear as counts, times and a digest only."""
    return {
        "code_version": os.environ.get("PIPELINE_CODE_VERSION", pipeline.__version__),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "seed": seed,
        "examples": {"training": _describe(split.training), "testing": _describe(split.testing)},
        "run": task.run_id,
        "try": task.try_number,
        "host": socket.gethostname(),
    }


def _describe(examples: ExampleSet) -> dict[str, Any]:
    digest = hashlib.sha256()
    for row in sorted(examples.digests):
        digest.update(row)
    return {
        "count": len(examples),
        "digest": digest.hexdigest(),
        "first": examples.occurred_at[0].isoformat(),
        "last": examples.occurred_at[-1].isoformat(),
    }
