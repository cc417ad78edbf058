"""How trainings of one machine take turns on its cores."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from passing import wait_until
from pipeline.clock import WAITING
from pipeline.environment import Compute
from pipeline.threads import count_cores
from pipeline.training import cores
from pipeline.training.cores import Cores

HOLD = (
    "import pathlib, sys; from pipeline.training.cores import Cores\n"
    "with Cores(pathlib.Path(sys.argv[1])).taken():\n"
    "    print('held', flush=True); input()"
)


class Crowd:
    """Counts how many are inside at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def count_waiting(logs: list[Any]) -> int:
    """Return how many have said that they wait for a core."""
    return sum(each["event"].startswith("waiting for a core") for each in logs)


def count_waited(logs: list[Any]) -> int:
    """Return how many have said that they no longer wait; some wait for a moment for their turn to look for a core."""
    return sum(each["event"] == "waited" for each in logs)


def count_locks(path: Path) -> int:
    """Return how many hold a file's lock or wait for it, as the system says."""
    inode = f":{path.stat().st_ino} "
    return sum(inode in line for line in Path("/proc/locks").read_text().splitlines())


def compute_all(trainings: list[Cores], at_once: int) -> int:
    """Let trainings compute until `at_once` do and all others wait; return the most that computed at once."""
    crowd, is_full = Crowd(), threading.Event()

    def is_settled() -> bool:
        return crowd.now == at_once and count_waiting(logs) - count_waited(logs) == len(trainings) - at_once

    def compute(training: Cores) -> None:
        with training.taken(), crowd:
            wait_until(lambda: is_full.is_set() or is_settled())
            is_full.set()

    with capture_logs() as logs, ThreadPoolExecutor(len(trainings)) as pool:
        list(pool.map(compute, trainings))
    return crowd.most


def test_as_many_compute_at_once_as_there_are_cores_and_no_more(tmp_path: Path) -> None:
    trainings = [Cores(tmp_path / "cores", 2) for _ in range(5)]

    assert compute_all(trainings, 2) == 2
    assert sum(WAITING in each.clock.seconds for each in trainings) >= 3


def test_whoever_comes_first_is_first(tmp_path: Path) -> None:
    order: list[int] = []

    def compute(number: int) -> None:
        with Cores(tmp_path).taken():
            order.append(number)

    with Cores(tmp_path).taken():
        threads = [threading.Thread(target=compute, args=(number,)) for number in range(4)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            wait_until(lambda number=number: count_locks(tmp_path / "queue") == number)  # type: ignore[misc]
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3]


def test_a_core_is_lent_while_its_training_waits_for_another_one(tmp_path: Path) -> None:
    mine, other = Cores(tmp_path), Cores(tmp_path)

    def compute() -> None:
        with other.taken():
            pass

    with mine.taken():
        with mine.lent():
            compute()
        with capture_logs() as logs, ThreadPoolExecutor() as pool:
            later = pool.submit(compute)
            wait_until(lambda: later.done() or count_waiting(logs))
            taken_back = not later.done()
            with mine.lent():
                later.result(timeout=60)

    assert taken_back
    assert other.clock.seconds[WAITING] > 0


def test_a_training_that_fails_while_its_core_is_lent_does_not_wait_to_say_so(tmp_path: Path) -> None:
    training = Cores(tmp_path)

    def fail_while_others_compute(others: ExitStack) -> None:
        with training.taken(), training.lent():
            others.enter_context(Cores(tmp_path).taken())
            raise ZeroDivisionError

    with capture_logs() as logs, ExitStack() as others, pytest.raises(ZeroDivisionError):
        fail_while_others_compute(others)

    assert logs == []


def test_a_core_that_is_not_held_is_not_lent(tmp_path: Path) -> None:
    training = Cores(tmp_path)

    with capture_logs() as logs:
        with training.lent():
            pass
        with Cores(tmp_path).taken():
            pass

    assert logs == []


def test_the_core_of_a_training_that_fails_is_free(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Cores(tmp_path).taken():
        raise ZeroDivisionError

    again = Cores(tmp_path)
    with again.taken():
        assert WAITING not in again.clock.seconds


def test_the_core_of_a_training_that_is_killed_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        waiting = Cores(tmp_path)

        def kill() -> None:
            wait_until(lambda: count_waiting(logs))
            os.kill(process.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        with capture_logs() as logs:
            killer.start()
            with waiting.taken():
                pass
        killer.join()

    assert waiting.clock.seconds[WAITING] > 0
    assert [each["event"].partition(";")[0] for each in logs] == ["waiting for a core", "waited"]


def test_without_a_folder_nobody_waits() -> None:
    with ExitStack() as trainings:
        for _ in range(count_cores() + 1):
            trainings.enter_context(Cores.of(Compute.read({})).taken())
            trainings.enter_context(Cores.of(Compute.read({"PIPELINE_CORES_FOLDER": ""})).taken())


@pytest.mark.parametrize(("threads", "at_once"), [(1, 4), (2, 2), (3, 1), (8, 1)])
def test_a_training_of_several_threads_takes_as_many_cores(
    threads: int, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "count_cores", lambda: 4)
    trainings = [Cores.of(Compute(threads=threads, cores_folder=tmp_path)) for _ in range(6)]

    assert compute_all(trainings, at_once) == at_once


def test_this_process_may_use_a_core() -> None:
    assert 1 <= count_cores() <= (os.cpu_count() or 1)


def test_where_the_locks_cannot_be_used_that_is_told_and_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    training = Cores(tmp_path / "file" / "cores")

    with capture_logs() as logs, training.taken(), training.lent():
        pass

    assert [each["log_level"] for each in logs] == ["warning"]
    assert "file/cores" in logs[0]["folder"]
