"""The thread that announces alias moves: nobody waits for it, and it misses no move."""

import threading
from collections.abc import Callable

import pytest

from pipeline.errors import BrokerUnavailableError, PipelineError
from pipeline.registry.announcer import Announcer

LONG = 30
"""Seconds that only a failing test waits."""


class Calls:
    """Counts calls, and raises an error in the first ones."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = [*errors]
        self.count = 0
        self._called = threading.Condition()

    def __call__(self) -> None:
        """Count a call."""
        with self._called:
            self.count += 1
            self._called.notify_all()
        if self.errors:
            raise self.errors.pop(0)

    def wait_for(self, count: int) -> bool:
        """Return whether it has been called so many times in the end."""
        with self._called:
            return self._called.wait_for(lambda: self.count >= count, LONG)


def test_a_move_is_announced_on_another_thread() -> None:
    found: list[int] = []
    done = threading.Event()

    def announce() -> None:
        found.append(threading.get_ident())
        done.set()

    Announcer(announce).wake()

    assert done.wait(LONG)
    assert found != [threading.get_ident()]


def test_nobody_waits_for_one_that_hangs_and_a_move_made_meanwhile_is_announced_afterwards() -> None:
    goes_on, first, second = threading.Event(), threading.Event(), threading.Event()

    def announce() -> None:
        (second if first.is_set() else first).set()
        goes_on.wait(LONG)

    announcer = Announcer(announce)
    announcer.wake()
    assert first.wait(LONG)
    announcer.wake()  # returns although the first is still at it

    assert not second.is_set()
    goes_on.set()
    assert second.wait(LONG)


def test_it_tries_again_by_itself_until_the_broker_is_back() -> None:
    calls = Calls(*[BrokerUnavailableError("notifications", "is down")] * 3)

    Announcer(calls, retry_seconds=0.01).wake()

    assert calls.wait_for(4)


@pytest.mark.parametrize("make_error", [ValueError, lambda: PipelineError("notifications", "has no address")])
def test_what_a_retry_cannot_fix_waits_for_the_next_move(make_error: Callable[[], Exception]) -> None:
    calls = Calls(make_error())
    announcer = Announcer(calls, retry_seconds=0)

    announcer.wake()
    assert calls.wait_for(1)
    announcer.wake()

    assert calls.wait_for(2)
    assert calls.count == 2
