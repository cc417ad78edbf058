"""Ends a training that takes more memory than it may, before the operating system ends its whole worker."""

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.errors import TrainingError
from pipeline.log import get_logger

_LOOK_SECONDS: Final = 0.02
_PATIENCE_SECONDS: Final = 3
"""How long compiled code may go on before the process is ended."""
_FAR_BEYOND: Final = 1.25

log = get_logger(__name__)


class _OverLimit(BaseException):
    """Raised in the thread that trains; not an `Exception`, so that no library catches it."""


@contextmanager
def limit_memory(limit_mb: int | None, record: Callable[[str], None]) -> Iterator[None]:
    """Watch the memory of this process while the block runs.

    Beyond the limit, the block is interrupted as soon as it is in Python code. If it is in compiled code that goes on
    for three seconds, or takes a quarter more than the limit, the process is ended.

    Args:
        limit_mb: of the process, as the operating system counts it (its resident set); None watches nothing.
        record: called with the sentence before the process is ended, from another thread.

    Raises:
        TrainingError: it took more.
    """
    if limit_mb is None:
        yield
        return
    error = TrainingError(
        "max_memory_mb",
        f"the training needs more than the {limit_mb:,} MB that its plan allows",
        next_step="raise max_memory_mb, or train with fewer examples or smaller options",
    )
    done = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(limit_mb * 1_000_000, threading.get_ident(), done, lambda: record(str(error))), daemon=True
    )
    watch.start()
    try:
        try:
            yield
        finally:
            done.set()
            watch.join()
            _interrupt(threading.get_ident(), None)  # one that has not arrived yet
    except _OverLimit:
        raise error from None
    finally:
        done.set()  # even if the interruption arrived before that above


def _watch(limit: int, thread: int, done: threading.Event, record: Callable[[], None]) -> None:
    import psutil

    process = psutil.Process()
    since: float | None = None
    while not done.wait(_LOOK_SECONDS):
        taken = process.memory_info().rss
        if taken <= limit:
            continue
        if since is None:
            since = time.monotonic()
            log.warning("more memory than max_memory_mb allows", taken_mb=taken // 1_000_000)
            _interrupt(thread, _OverLimit)
        elif taken > limit * _FAR_BEYOND or time.monotonic() - since > _PATIENCE_SECONDS:
            record()
            os._exit(1)


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Raise an error in another thread when it next runs Python code; None takes it back."""
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)
