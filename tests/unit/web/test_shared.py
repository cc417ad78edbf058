"""Equal questions that share an answer: how often it is computed, how old it may be, and who waits where."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.web.shared import SharedAnswers

PATIENCE_SECONDS = 60


class Computation:
    """Computes numbers, each when the test lets it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.count = 0

    def __call__(self) -> int:
        """Return how many have begun."""
        self.count += 1
        count = self.count
        self.begun.release()
        assert self.may_end.acquire(timeout=PATIENCE_SECONDS)
        return count


async def wait_for(semaphore: threading.Semaphore) -> None:
    assert await asyncio.to_thread(semaphore.acquire, timeout=PATIENCE_SECONDS)


async def ask(
    shared: SharedAnswers[int], key: str, compute: Callable[[], int], count: int = 1
) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(shared.get(key, compute)) for _ in range(count)]
    await asyncio.sleep(0)  # all of them have asked
    return tasks


def test_those_who_ask_while_it_is_computed_share_the_next_answer() -> None:
    async def test() -> tuple[list[int], int]:
        shared, compute = SharedAnswers[int](), Computation()
        first = await ask(shared, "a", compute)
        await wait_for(compute.begun)
        others = await ask(shared, "a", compute, 50)
        for _ in range(2):
            compute.may_end.release()
        return [await task for task in first + others], compute.count

    answers, count = asyncio.run(test())

    assert answers == [1] + [2] * 50
    assert count == 2


def test_an_answer_is_never_older_than_its_question() -> None:
    async def test() -> list[int]:
        shared, compute = SharedAnswers[int](), Computation()
        tasks: list[asyncio.Task[int]] = []
        for number in range(4):
            tasks += await ask(shared, "a", compute)
            if not number:
                await wait_for(compute.begun)
        compute.may_end.release()
        await wait_for(compute.begun)  # the second has begun
        tasks += await ask(shared, "a", compute)
        for _ in range(2):
            compute.may_end.release()
        return [await task for task in tasks]

    assert asyncio.run(test()) == [1, 2, 2, 2, 3]


def test_who_comes_after_the_answer_gets_a_new_one() -> None:
    async def test() -> list[int]:
        shared, compute = SharedAnswers[int](), Computation()
        for _ in range(2):
            compute.may_end.release()
        return [await shared.get("a", compute) for _ in range(2)]

    assert asyncio.run(test()) == [1, 2]


def test_other_questions_do_not_wait() -> None:
    async def test() -> Any:
        shared, slow, quick = SharedAnswers[int](), Computation(), Computation()
        [waiting] = await ask(shared, "a", slow)
        await wait_for(slow.begun)
        quick.may_end.release()
        answer = await shared.get("b", quick)
        slow.may_end.release()
        return answer, await waiting

    assert asyncio.run(test()) == (1, 1)


def test_waiting_takes_no_thread() -> None:
    async def test() -> int:
        shared, compute = SharedAnswers[int](), Computation()
        tasks = await ask(shared, "a", compute)
        await wait_for(compute.begun)
        before = threading.active_count()
        tasks += await ask(shared, "a", compute, 100)
        more = threading.active_count() - before
        for _ in range(2):
            compute.may_end.release()
        await asyncio.gather(*tasks)
        return more

    assert asyncio.run(test()) == 0


def test_an_error_is_for_everybody_who_waits_and_for_nobody_after() -> None:
    async def test() -> list[Any]:
        shared, compute = SharedAnswers[int](), Computation()

        def fail() -> int:
            raise ValueError("no answer")

        tasks = await ask(shared, "a", compute)
        await wait_for(compute.begun)
        tasks += await ask(shared, "a", fail, 2)
        compute.may_end.release()
        found: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
        compute.may_end.release()
        return [*found, await shared.get("a", compute)]

    first, second, third, after = asyncio.run(test())

    assert (first, str(second), str(third), after) == (1, "no answer", "no answer", 2)


def test_who_goes_away_ends_nobody_elses_waiting() -> None:
    async def test() -> int:
        shared, compute = SharedAnswers[int](), Computation()
        gone, stays = await ask(shared, "a", compute), await ask(shared, "a", compute, 2)
        await wait_for(compute.begun)
        for task in (*gone, stays[0]):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        for _ in range(2):
            compute.may_end.release()
        return await stays[1]

    assert asyncio.run(test()) == 2
