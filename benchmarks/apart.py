"""Measure work in a process of its own, so that earlier work is not in its memory or caches."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Taken:
    """What some work took and returned; memory is the peak of the process beyond what it held at the beginning."""

    seconds: float
    core_seconds: float
    peak_bytes: int
    given: Any


def measure_apart(work: Callable[..., Callable[[], Any]], *arguments: Any) -> Taken:
    """Return what the function that `work` returns takes in a new process; preparing it is not counted.

    Args:
        work: a module's function, which the process imports; the function that it returns must return a small value.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(sender, work, arguments))
    process.start()
    sender.close()
    try:
        taken: Taken = receiver.recv()
    finally:
        process.join()
    return taken


def measure_in_turn(ways: dict[str, Callable[[], Taken]], rounds: int) -> dict[str, Taken]:
    """Return each way's median; the ways take turns."""
    found: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            found[name].append(measure())
    return {
        name: Taken(
            median(each.seconds for each in taken),
            median(each.core_seconds for each in taken),
            max(each.peak_bytes for each in taken),
            taken[-1].given,
        )
        for name, taken in found.items()
    }


def _measure(sender: Connection, work: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> None:
    prepared = work(*arguments)
    held, started, used = restart_peak_bytes(), time.perf_counter(), time.process_time()
    given = prepared()
    seconds, core_seconds = time.perf_counter() - started, time.process_time() - used
    sender.send(Taken(seconds, core_seconds, read_peak_bytes() - held, given))


def restart_peak_bytes() -> int:
    """Forget this process's earlier peak, and return the bytes that it holds now.

    Linux only. getrusage does not serve here: its value begins with the parent's peak.
    """
    _CLEAR.write_text("5", encoding="ascii")
    return read_peak_bytes()


def read_peak_bytes() -> int:
    """Return the most memory that this process has held since `restart_peak_bytes`."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024
