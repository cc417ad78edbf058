"""Small private files: a reader sees either the old or the new content, complete; files open to others are refused."""

import os
import shlex
import stat
from pathlib import Path

from pipeline.errors import DeploymentError


def refuse_open(path: Path) -> None:
    """Refuse a file with a secret if others than its owner can read or write it; a missing file is accepted.

    Raises:
        DeploymentError: names its mode and what to do.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return
    if mode & 0o077:
        what = f"has mode {mode:04o}, so others can read its secrets or change them"
        raise DeploymentError(str(path), what, "mode 0600", f"run `chmod 600 {shlex.quote(str(path))}`")


def write_private(path: Path, text: str) -> None:
    """Replace a file's content atomically; only its owner can ever read it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
