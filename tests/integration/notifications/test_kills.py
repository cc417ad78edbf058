"""Consumers that are killed with -9 while they hold a message: none is lost, on either broker."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from integration.notifications.brokers import make_message
from pipeline.notifications import names
from pipeline.notifications.base import DELIVERY_LIMIT
from pipeline.notifications.queue import open_queue

SCRIPT = Path(__file__).with_name("mortal_consumer.py")
STEADY = 2
# What kills its consumer each time, and what its consumer rejects.
SPECIAL = ("kills-1", "rejected-1")


@dataclass
class Outcome:
    """What became of the messages."""

    published: int
    worked_on: Counter[str] = field(default_factory=Counter)
    killed_holding: list[str] = field(default_factory=list)
    takeover_seconds: list[float] = field(default_factory=list)
    killed_by_message: int = 0
    dead_letters: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        doubled = sum(self.worked_on.values()) - len(self.worked_on)
        slowest = max(self.takeover_seconds)
        return (
            f"published {self.published}, worked on {len(self.worked_on)}, doubled {doubled}; "
            f"consumers killed while they held a message {len(self.killed_holding)} "
            f"(another one had worked on it after {slowest:.2f} s at most), "
            f"by a message {self.killed_by_message}; dead letters {dict(self.dead_letters)}"
        )


class Consumers:
    """Processes on one queue: steady ones, started again when they die, and one at a time that is to be killed."""

    def __init__(self, broker: str, log: Path) -> None:
        self._command = [sys.executable, str(SCRIPT), broker, names.PREFIX, str(log)]
        self._steady = [self._start(-1) for _ in range(STEADY)]
        self.deaths = 0

    def restart_dead(self) -> None:
        """Start again what a message has killed."""
        for index, process in enumerate(self._steady):
            if process.poll() is not None:
                self.deaths += 1
                self._end(process)
                self._steady[index] = self._start(-1)

    @contextmanager
    def victim(self, hold_after: int) -> Iterator[subprocess.Popen[str]]:
        """Yield a consumer that will hold a message for ever; kill it after, if nobody has."""
        process = self._start(hold_after)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            self._end(process)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the steady consumers while the block runs; what one holds, it goes on holding."""
        for process in self._steady:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self._steady:
                process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Kill them all; count those that were dead already."""
        for process in self._steady:
            self.deaths += process.poll() is not None
            self._end(process)

    def _start(self, hold_after: int) -> subprocess.Popen[str]:
        return subprocess.Popen([*self._command, str(hold_after)], stdout=subprocess.PIPE, text=True)

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.communicate()


def read_log(log: Path) -> list[tuple[str, float]]:
    """Return which labels were worked on, and when."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(line.split()[0], float(line.split()[1])) for line in lines]


def wait_for(log: Path, label: str) -> float:
    """Return when somebody had worked on a label."""
    deadline = time.monotonic() + 60
    while True:
        for found, at in read_log(log):
            if found == label:
                return at
        assert time.monotonic() < deadline, f"nobody has worked on {label}"
        time.sleep(0.02)


def kill_consumers(broker: str, log: Path, *, messages: int, kills: int) -> Outcome:
    """Publish messages in rounds, and kill a consumer that holds one in each; then see what became of them all."""
    labels = [f"label-{number}" for number in range(messages - len(SPECIAL))]
    outcome = Outcome(messages)
    consumers = Consumers(broker, log)
    try:
        with open_queue(broker) as queue:
            for number in range(kills):
                with consumers.victim(hold_after=number % 4) as victim:
                    with consumers.paused():  # or they might leave the victim no message to hold
                        for label in labels[number::kills]:
                            queue.publish(make_message(label))
                        assert victim.stdout
                        held = victim.stdout.readline().removeprefix("holding ").strip()
                    victim.kill()
                    killed = time.time()
                outcome.killed_holding.append(held)
                outcome.takeover_seconds.append(wait_for(log, held) - killed)
            for label in SPECIAL:
                queue.publish(make_message(label))
        for label in labels:
            wait_for(log, label)
        dead_letters = take_all_dead(broker, consumers)
        outcome.dead_letters = Counter(f"{dead['message']['label']}: {dead['reason']}" for dead in dead_letters)
    finally:
        consumers.close()
    outcome.worked_on = Counter(label for label, _ in read_log(log))
    outcome.killed_by_message = consumers.deaths
    return outcome


def take_all_dead(broker: str, consumers: Consumers) -> list[dict[str, Any]]:
    """Take the dead letters; the last comes once its sixth consumer has died, and a seventh looks for work."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + 120
    while len(found) < len(SPECIAL) and time.monotonic() < deadline:
        consumers.restart_dead()
        with open_queue(broker) as queue:
            queue.consume(found.append, 0.5, None, names.DEAD)
    with open_queue(broker) as queue:
        queue.consume(found.append, 1, None, names.DEAD)
    return found


def check(outcome: Outcome) -> None:
    """Print what became of the messages, and assert that it is what has to."""
    print(f"\n{outcome}")  # noqa: T201 - the counts are what this is for
    assert len(outcome.worked_on) == outcome.published - len(SPECIAL)
    assert outcome.dead_letters == Counter({"kills-1: delivery_limit": 1, "rejected-1: rejected": 1})
    assert outcome.killed_by_message == DELIVERY_LIMIT + 1


def test_none_is_lost(broker: str, tmp_path: Path) -> None:
    outcome = kill_consumers(broker, tmp_path / "log", messages=60, kills=3)

    check(outcome)
    assert len(set(outcome.killed_holding)) == 3
    assert max(outcome.takeover_seconds) < 10  # on a machine that is busy with much else


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_none_of_a_thousand_is_lost_to_twenty_kills(broker: str, tmp_path: Path) -> None:
    outcome = kill_consumers(broker, tmp_path / "log", messages=1000, kills=20)

    check(outcome)
    assert len(set(outcome.killed_holding)) == 20
