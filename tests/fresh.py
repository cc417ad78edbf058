"""A fresh environment with one of the locks, made by uv."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def make_environment(folder: Path, lock: str) -> Path:
    """Return the interpreter of a new environment that has a lock's packages and this product.

    The packages come from uv's cache. Only if one is missing there, a package index is asked.

    Raises:
        CalledProcessError: there is no index either; its `stderr` says what was missing.
    """
    python = folder / "bin/python"
    _run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    install: list[Path | str] = [UV, "pip", "install", "--quiet", "--python", python]
    try:
        _run(*install, "--offline", "--require-hashes", "--requirements", ROOT / lock)
    except subprocess.CalledProcessError:
        _run(*install, "--require-hashes", "--requirements", ROOT / lock)
    _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "wheel")
    _run(*install, "--offline", "--no-deps", *(folder / "wheel").glob("*.whl"))
    return python


def count_bytes(python: Path) -> int:
    """Return how much disk the packages of an environment take."""
    (packages,) = python.parents[1].glob("lib/*/site-packages")
    return sum(path.lstat().st_blocks * 512 for path in packages.rglob("*"))


def _run(*command: Path | str) -> None:
    subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=900, check=True)
