"""The machine that a benchmark ran on: the figures of two runs can be compared only if these values are the same."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any, Final

LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "gensim", "cryptography", "psycopg", "joblib", "skops")


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory (GiB), load, Python and versions of installed libraries, ready for JSON."""
    return {
        "processor": _read_processor(),
        "cores": os.cpu_count() or 1,
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": _read_versions(),
    }


def format_machine() -> str:
    """Return the machine in one line, for the head of a table."""
    found = describe_machine()
    libraries = ", ".join(f"{name} {version}" for name, version in found["libraries"].items())
    return (
        f"{found['processor']}, {found['usable_cores']} of {found['cores']} cores, {found['memory_gib']} GiB, "
        f"{found['system']}, load {found['load_average']} at the time; Python {found['python']}, {libraries}"
    )


def _read_processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _read_versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # only some benchmarks need them all
            continue
    return found


if __name__ == "__main__":
    print(format_machine())
