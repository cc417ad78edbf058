"""Limits how many trainings compute at once on a machine to its number of cores.

More trainings than that are begun, so that one is ready whenever another one ends. The locks are files; the system
releases them when their holder dies.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from pipeline.clock import WAITING, Clock
from pipeline.environment import Compute
from pipeline.log import get_logger
from pipeline.threads import count_cores

log = get_logger(__name__)

_LOOK_SECONDS = 0.005


class Cores:
    """The cores of this machine. Each training holds one while it computes; they are assigned in order of arrival.

    This class never fails a training: if the locks cannot be used, it logs that and the training computes immediately.

    Args:
        folder: where the locks are, one folder for all that share the machine; None: no training ever waits.
        count: how many trainings may compute at once.
    """

    def __init__(self, folder: Path | None = None, count: int = 1) -> None:
        self._folder = folder
        self._count = count
        self.clock = Clock()
        """The time spent waiting for a core, and in `lent` blocks, is charged to `WAITING`."""
        self._held: BinaryIO | None = None

    @classmethod
    def of(cls, compute: Compute) -> Self:
        """Return the machine's cores; a training with several threads counts as several."""
        return cls(compute.cores_folder, max(1, count_cores() // compute.threads))

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a core while the block runs; wait until one is free."""
        self._hold()
        try:
            yield
        finally:
            self._release()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Release the core, if one is held, while the block waits for something; then wait for one again.

        A block that raises does not wait for a core afterwards.
        """
        held = self._held is not None
        self._release()
        with self.clock.charging(WAITING):
            yield
        if held:
            self._hold()

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _hold(self) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / "queue").open("wb") as queue:
                if _lock(queue, wait=False):
                    self._held = self._find_free(self._folder)
                if self._held is None:
                    self._await(self._folder, queue)
        except OSError as error:
            reason = f"{type(error).__name__}: {error}"
            log.warning("cannot wait for a core, so computing without one", folder=str(self._folder), reason=reason)

    def _await(self, folder: Path, queue: BinaryIO) -> None:
        """Wait for a core: the first in the queue polls, the others wait behind it."""
        log.info("waiting for a core: each one is used by a training", at_once=self._count)
        started = time.perf_counter()
        with self.clock.charging(WAITING):
            _lock(queue, wait=True)
            while (held := self._find_free(folder)) is None:
                time.sleep(_LOOK_SECONDS)
        self._held = held
        log.info("waited", what="a core", seconds=round(time.perf_counter() - started, 4))

    def _find_free(self, folder: Path) -> BinaryIO | None:
        for number in range(self._count):
            file = (folder / str(number)).open("wb")
            if _lock(file, wait=False):
                return file
            file.close()
        return None


def _lock(file: BinaryIO, wait: bool) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
