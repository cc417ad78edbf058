"""Where a model came from: code, libraries, examples, seed, and the task that trained it."""

import hashlib
import platform
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pipeline
from pipeline.components import Component
from pipeline.datasets.account import describe_split
from pipeline.datasets.split import Split
from pipeline.examples.digest import digest_rows
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.serialisation.fitted import find_version
from pipeline.threads import count_threads

LIBRARIES = ("scikit-learn", "gensim", "numpy", "scipy", "apache-airflow-core")


@dataclass(frozen=True, slots=True)
class TaskRun:
    """Which task instance trains.

    Attributes:
        run_id: Airflow's run id.
        try_number: 1 for the first try.
        map_index: the instance's number among those of its task; None if no task instance trains.
    """

    run_id: str
    try_number: int = 1
    map_index: int | None = None


@cache
def read_code_version() -> str:
    """Return the package's version and a digest of its source, so that changed code is always distinguished."""
    return f"{pipeline.__version__}+{digest_source(pipeline.__name__)[:12]}"


@cache
def digest_source(module: str) -> str:
    """Return the SHA-256, in hexadecimal, of the Python source of an imported package or module."""
    found = Path(sys.modules[module].__file__ or "")
    paths = sorted(found.parent.rglob("*.py")) if found.stem == "__init__" else [found]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(found.parent)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def list_versions(component: Component, *libraries: str) -> dict[str, str]:
    """Return the versions of all code that takes part in what a component does; other versions may act differently."""
    module = type(component).__module__
    package = module.partition(".")[0]
    # editing a class of another distribution changes its source, but its version only when it is installed again
    own = digest_source(package if getattr(sys.modules[package], "__file__", None) else module)
    others = {name: find_version(name) for name in libraries}
    return {
        "code": read_code_version(),
        "class": own,
        "python": platform.python_version(),
        "cpu": platform.machine(),
        **others,
    }


def describe_lineage(
    task: TaskRun,
    recipe: Definition,
    examples: dict[str, Any],
    seed: int,
    saved_seconds: dict[str, float],
    shared: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return a model's lineage as JSON values.

    Args:
        recipe: what was trained, its model fitted.
        examples: the result of `describe_examples`.
        saved_seconds: the kinds of entries that were read from the store and not made, and the seconds that this saved.
        shared: what others waited for, or what it waited for itself; see `Cache.shared`.
    """
    return {
        "code_version": read_code_version(),
        "python": platform.python_version(),
        "libraries": {name: find_version(name) for name in _list_libraries(recipe)},
        "seed": seed,
        "threads": count_threads(),
        "warnings": [*recipe.model.warned],
        "examples": examples,
        "run": task.run_id,
        "try": task.try_number,
        "reused": saved_seconds,
        "shared": [*shared],
        "host": socket.gethostname(),
    }


def describe_examples(split: Split, digest: str) -> dict[str, Any]:
    """Return what lineage says about the examples, as JSON values: counts, times and digests only.

    Args:
        digest: of everything that the dataset selected; it identifies the same examples later.
    """
    account = describe_split(split)
    for name, examples in (("training", split.training), ("testing", split.testing)):
        account[name]["digest"] = digest_rows(examples.digests).hex()
    return {"digest": digest, **account}


def _list_libraries(recipe: Definition) -> list[str]:
    """Return the distributions whose code took part: always this one, and those of its classes and their libraries."""
    parts = [(family.distributions, getattr(recipe, section).name) for section, family in SECTIONS.items()]
    others = {distributions[name] for distributions, name in parts if name in distributions}
    return sorted({*LIBRARIES, *recipe.adapter.libraries, *recipe.model.libraries, *others})
