"""Announces alias moves at once, but never while a request waits."""

import threading
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends

from pipeline.errors import RetryableError, describe_error
from pipeline.log import get_logger

log = get_logger(__name__)

RETRY_SECONDS: Final = 60


class Announcer:
    """A thread that announces what was moved, so that a broker that does not answer takes no thread of a request.

    If the broker is down, it tries again every minute. A move that is still not announced when the process ends is
    announced by the next `notify`.

    Args:
        announce: announces all moves that are not announced yet.
        retry_seconds: how long to wait after a failure that may pass by itself.
    """

    def __init__(self, announce: Callable[[], object], retry_seconds: float = RETRY_SECONDS) -> None:
        self._announce = announce
        self._retry_seconds = retry_seconds
        self._moved = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Announce soon what has been moved; return at once."""
        self._moved.set()
        with self._starting:
            # the first move starts it, because servers fork after they have made the application
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        again = False
        while True:
            self._moved.wait(self._retry_seconds if again else None)
            self._moved.clear()
            again = self._fails_for_now()

    def _fails_for_now(self) -> bool:
        """Announce; return whether it failed in a way that may pass by itself."""
        try:
            self._announce()
        except Exception as error:  # noqa: BLE001 - the moves are stored, and `notify` announces them
            log.warning("alias moves are not announced yet; `notify` announces them", reason=describe_error(error))
            return isinstance(error, RetryableError)
        return False


def announcement() -> Callable[[], object]:
    """Return what announces moves at once: by default nothing does, and `notify` announces them."""
    return lambda: None


Announce = Annotated[Callable[[], object], Depends(announcement)]
