"""Answers that equal requests share, so that many clients who ask the same cost about as much as one."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Answer = TypeVar("Answer")


class SharedAnswers(Generic[Answer]):
    """Computes an answer once for all equal questions that wait for it, and never twice at the same time.

    No answer is older than its question: a question that comes while an equal one is being computed waits for the next
    computation. Example: of ten equal questions that come during a computation, the first begins the next one when
    this ends, and all ten get its answer. Waiting takes no thread. For one event loop.
    """

    def __init__(self) -> None:
        self._current: dict[Hashable, asyncio.Task[Answer]] = {}
        self._next: dict[Hashable, asyncio.Task[Answer]] = {}

    async def get(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return an answer, computed in a thread.

        Args:
            key: equal for equal questions.
            compute: computes the answer; an error is raised for everybody who waits for it.
        """
        before = self._current.get(key)
        tasks = self._current if before is None else self._next
        if key not in tasks:
            tasks[key] = asyncio.create_task(self._compute(key, compute, before))
            tasks[key].add_done_callback(_mark_retrieved)
        # a client that goes away ends its own waiting only
        return await asyncio.shield(tasks[key])

    async def _compute(
        self, key: Hashable, compute: Callable[[], Answer], before: asyncio.Task[Answer] | None
    ) -> Answer:
        if before is not None:
            await asyncio.wait([before])
            self._current[key] = self._next.pop(key)
        try:
            return await run_in_threadpool(compute)
        finally:
            if key not in self._next:  # otherwise the next one takes the place
                del self._current[key]


def _mark_retrieved(task: asyncio.Task[Answer]) -> None:
    """Take note of an error that nobody waits for any more; asyncio would log it."""
    if not task.cancelled():
        task.exception()
