"""How many threads a training computes on: one, unless the environment asks for more.

Trainings beside each other use the cores, and libraries that each take all of them would only fight over them. More
threads also add numbers up in another order, so that a model may differ in its last digits from one trained on one.
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


def count_threads() -> int:
    """Return how many threads a training may compute on.

    Raises:
        PipelineError: the environment says something that is no such number.
    """
    return Compute.read().threads


@cache
def find_libraries() -> "ThreadpoolController":
    """Return what this process has loaded by now that computes on threads; looking for it takes milliseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class SharedSetting(Generic[Value]):
    """A value of the whole process that blocks of several threads set for a while.

    Of the blocks that run, the latest decides; once none does, the value is what it was before the first. Example:
    blocks A and B overlap, A ends first: B's value stays until B ends, and then the one from before A comes back.

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
    """Return the sizes of the thread pools that a process has one of, whichever thread sets it: those of BLAS."""
    libraries = find_libraries().select(user_api="blas").lib_controllers

    def write(sizes: list[int]) -> None:
        for library, size in zip(libraries, sizes, strict=True):
            # For threadpoolctl the first thread that sets OpenBLAS's owns it, and what others set is passed over. Here
            # a lock keeps threads apart, and it is owned by nobody.
            disown = getattr(library, "clear_controlling_thread", None)
            if disown:
                disown(force=True)
            library.set_num_threads(size)
            if disown:
                disown(force=True)

    return SharedSetting(lambda: [library.get_num_threads() for library in libraries], write)


@contextmanager
def limit_threads() -> Iterator[None]:
    """Let libraries compute on so many threads while the block runs; not those loaded after the first such block.

    Blocks may lie within one another, and several threads may run one at the same time.
    """
    count, libraries = count_threads(), find_libraries()
    pools = [count] * len(libraries.select(user_api="blas").lib_controllers)
    # OpenMP keeps a number for each thread that asks, so that each block sets and restores its own
    with _find_pools().set(pools), libraries.select(user_api="openmp").limit(limits=count):
        yield


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
