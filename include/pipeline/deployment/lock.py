"""Allows one start or stop at a time, of a deployment and of what deployments share."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold_lock(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until the lock is free, and hold it while the block runs.

    The system releases the lock when its holder ends, for whatever reason.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `pipeline up` or `pipeline down`, perhaps of another deployment, is running; waiting for it …")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def ports_lock() -> Path:
    """Return the lock for choosing ports, shared by all deployments of this user."""
    return Path(tempfile.gettempdir()) / f"pipeline-ports-{os.getuid()}.lock"
