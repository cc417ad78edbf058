"""One start or stop of a deployment at a time."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.deployment.home import Home


@contextmanager
def hold_lock(home: Home, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until nobody else starts or stops the deployment; keep others waiting meanwhile.

    The system releases the lock when its holder ends, however it ends.
    """
    with home.lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `pipeline up` or `pipeline down` is at work here; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
