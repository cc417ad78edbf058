"""A server while it runs: started, asked until it answers, weighed, and ended with all its processes."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.deployment.ports import free_port
from servers.answers import ask
from servers.contestants import Contestant, make_environ

_START_SECONDS = 180
_STOP_SECONDS = 20
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    contestant: Contestant
    port: int
    process: psutil.Process

    def list_processes(self) -> list[psutil.Process]:
        """Return its processes: the one that was started, and all that these have started."""
        return [self.process, *self.process.children(recursive=True)]

    def read_memory_bytes(self) -> int:
        """Return the memory of all its processes; what several share counts once (PSS)."""
        held = 0
        for process in self.list_processes():
            with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
                lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
                held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
        return held

    def read_core_seconds(self) -> float:
        """Return the CPU seconds that its processes have used so far."""
        used = 0.0
        for process in self.list_processes():
            with suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
        return used


@contextmanager
def running(contestant: Contestant, models: Path, folder: Path, workers: int) -> Iterator[Running]:
    """Yield a server that has answered a request, and end it.

    Raises:
        RuntimeError: it does not answer; holds the end of its log.
    """
    folder.mkdir()
    port = free_port()
    start = contestant.prepare(models, folder, workers, port)
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        # a session of its own: Ctrl-C goes to the benchmark only, which then ends it
        process = subprocess.Popen(
            start.command,
            env=make_environ(contestant, start.environ),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(contestant, port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{contestant.name} does not answer: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(_POLL_SECONDS)
        yield Running(contestant, port, psutil.Process(process.pid))
    finally:
        _stop(process)


def _answers(contestant: Contestant, port: int) -> bool:
    with suppress(OSError):
        (answer,) = ask(port, [contestant.write_request(["Is anybody there?"])])
        return answer.status == 200
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server in order, within a time limit, and then all that is left of its session."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
