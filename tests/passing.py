"""Time and others, as a test needs them: time passes when it says so, and it goes on when others have come so far."""

import time
from collections.abc import Callable
from typing import Self

import pytest

from pipeline import clock
from pipeline.stores.database import Database

PATIENCE_SECONDS = 600
"""How long to wait for what must come. Only a test that fails waits so long: on a busy machine all takes longer."""


class PassingTime:
    """Stands for the module `time`: no time passes but what somebody sleeps, which takes none."""

    def __init__(self) -> None:
        self._now = 1000.0

    @classmethod
    def for_clocks(cls, patch: pytest.MonkeyPatch) -> Self:
        """Return the time by which every `Clock` goes until the test ends."""
        passing = cls()
        patch.setattr(clock, "time", passing)
        return passing

    def perf_counter(self) -> float:
        """Return what has passed."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


def wait_until(
    condition: Callable[[], object], what: Callable[[], object] = lambda: "it never came to that", every: float = 0.02
) -> None:
    """Return once a condition holds, asked every so many seconds; fail with what `what` returns when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(every)


WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
"""


def wait_for_waiting(database: Database) -> None:
    """Return once somebody waits for a lock in a database."""
    with database.connection() as connection:
        connection.autocommit = True
        wait_until(lambda: connection.execute(WAITING_FOR_A_LOCK).fetchone() != (0,))
