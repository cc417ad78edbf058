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
from pipeline.training.machine import describe_machine

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


def read_python_version() -> str:
    """Return Python's version."""
    return platform.python_version()


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
    own = _digest_class(component) or digest_source(pipeline.__name__)
    others = {name: find_version(name) for name in libraries}
    return {
        "code": read_code_version(),
        "class": own,
        "python": read_python_version(),
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
        "python": read_python_version(),
        "libraries": list_libraries(recipe),
        "sources": digest_sources(recipe),
        "seed": seed,
        "threads": count_threads(),
        "machine": describe_machine(),
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


def list_libraries(recipe: Definition) -> dict[str, str]:
    """Return the distributions whose code takes part, with their versions: this one, and those of its classes."""
    parts = [(family.distributions, getattr(recipe, section).name) for section, family in SECTIONS.items()]
    others = {distributions[name] for distributions, name in parts if name in distributions}
    names = sorted({*LIBRARIES, *recipe.adapter.libraries, *recipe.model.libraries, *others})
    return {name: find_version(name) for name in names}


def digest_sources(recipe: Definition) -> dict[str, str]:
    """Return the first digits of the digest of the source of each class from another distribution, by its name.

    An edited class has another source, but another version only when it is installed again.
    """
    classes: list[Component] = [recipe.dataset, recipe.adapter, *recipe.adapter.parts, recipe.model]
    return {each.name: source[:12] for each in classes if (source := _digest_class(each)) is not None}


def _digest_class(component: Component) -> str | None:
    """Return the digest of the source of a component's package, or module; None if it is one of this package."""
    module = type(component).__module__
    package = module.partition(".")[0]
    if package == pipeline.__name__:
        return None
    return digest_source(package if getattr(sys.modules[package], "__file__", None) else module)
