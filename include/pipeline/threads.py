"""How many threads a training computes on: one, unless the environment asks for more.

Several trainings use the cores at the same time, so libraries that each take all cores would only slow each other down.
More threads also add numbers in another order, so a model may differ in its last digits from one trained on one thread.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from pipeline.environment import Compute

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Value = TypeVar("Value")

_MOST_TREE_THREADS = 4
"""On a machine with many cores and as many trainings, each forest would otherwise start as many threads as cores."""


def count_threads() -> int:
    """Return how many threads a training may compute on.

    Raises:
        PipelineError: the environment's value is not a valid number of threads.
    """
    return Compute.read().threads or 1


def count_tree_threads() -> int:
    """Return on how many threads the trees of a forest may grow: on as many as there are cores, but no more than four.

    No tree depends on another, so a forest is the same on any number of threads. It may use cores that nobody else
    uses, as at the end of a run; while others train, it takes no longer than they would in turns.

    Raises:
        PipelineError: the environment's value is not a valid number of threads.
    """
    return Compute.read().threads or min(count_cores(), _MOST_TREE_THREADS)


@cache
def find_libraries() -> "ThreadpoolController":
    """Return the libraries with thread pools that this process has loaded so far; the search takes milliseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class SharedSetting(Generic[Value]):
    """A value of the whole process that blocks of several threads set temporarily.

    Of the blocks that run, the latest decides; when none runs any more, the value is restored to what it was before the
    first. Example: blocks A and B overlap, A ends first: B's value stays until B ends, and then the original returns.

    Args:
        read: returns the value.
        write: sets it.
    """

    def __init__(self, read: Callable[[], Value], write: Callable[[Value], object]) -> None:
        self._read, self._write = read, write
        self._lock = Lock()
        self._wanted: dict[object, Value] = {}
        self._before: list[Value] = []

    @contextmanager
    def set(self, value: Value) -> Iterator[None]:
        """Let the process have this value while the block runs, unless a later block sets another."""
        block = object()
        with self._lock:
            if not self._wanted:
                self._before = [self._read()]
            self._write(value)
            self._wanted[block] = value
        try:
            yield
        finally:
            with self._lock:
                del self._wanted[block]
                self._write([*self._before, *self._wanted.values()][-1])


@cache
def _find_pools() -> SharedSetting[list[int]]:
    """Return the sizes of the thread pools that a process has only one of, whichever thread sets it: those of BLAS."""
    libraries = find_libraries().select(user_api="blas").lib_controllers

    def write(sizes: list[int]) -> None:
        for library, size in zip(libraries, sizes, strict=True):
            # For threadpoolctl, the first thread that sets OpenBLAS's size owns it, and other threads' values are
            # ignored. Here a lock separates the threads, and no thread owns the size.
            disown = getattr(library, "clear_controlling_thread", None)
            if disown:
                disown(force=True)
            library.set_num_threads(size)
            if disown:
                disown(force=True)

    return SharedSetting(lambda: [library.get_num_threads() for library in libraries], write)


@contextmanager
def limit_threads() -> Iterator[None]:
    """Limit libraries to this many threads while the block runs, except those loaded after the first such block.

    Blocks may be nested, and several threads may run one at the same time.
    """
    count, libraries = count_threads(), find_libraries()
    pools = [count] * len(libraries.select(user_api="blas").lib_controllers)
    # OpenMP has a number for each thread that asks, so each block sets and restores its own
    with _find_pools().set(pools), libraries.select(user_api="openmp").limit(limits=count):
        yield


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
