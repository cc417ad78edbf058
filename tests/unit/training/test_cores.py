"""How trainings of one machine take turns on its cores."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.clock import WAITING
from pipeline.threads import count_cores
from pipeline.training import cores
from pipeline.training.cores import VARIABLE, Cores

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


def test_as_many_compute_at_once_as_there_are_cores_and_no_more(tmp_path: Path) -> None:
    crowd, trainings = Crowd(), [Cores(tmp_path / "cores", 2) for _ in range(5)]

    def compute(training: Cores) -> None:
        with training.taken(), crowd:
            time.sleep(0.3)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(compute, trainings))

    assert crowd.most == 2
    assert sorted(each.clock.seconds.get(WAITING, 0) > 0.1 for each in trainings) == [False, False, True, True, True]


def test_whoever_comes_first_is_first(tmp_path: Path) -> None:
    order: list[int] = []

    def compute(number: int) -> None:
        with Cores(tmp_path).taken():
            order.append(number)

    with Cores(tmp_path).taken():
        threads = [threading.Thread(target=compute, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
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
        with ThreadPoolExecutor() as pool:
            later = pool.submit(compute)
            time.sleep(0.1)
            taken_back = not later.done()
            with mine.lent():
                later.result(timeout=10)

    assert taken_back
    assert other.clock.seconds.get(WAITING, 0) > 0.05


def test_a_training_that_fails_while_its_core_is_lent_does_not_wait_to_say_so(tmp_path: Path) -> None:
    training = Cores(tmp_path)

    def fail_while_others_compute(others: ExitStack) -> None:
        with training.taken(), training.lent():
            others.enter_context(Cores(tmp_path).taken())
            raise ZeroDivisionError

    with ExitStack() as others, pytest.raises(ZeroDivisionError):
        fail_while_others_compute(others)

    assert training.clock.seconds[WAITING] < 0.5


def test_a_core_that_is_not_held_is_not_lent(tmp_path: Path) -> None:
    training = Cores(tmp_path)

    with training.lent():
        pass

    with Cores(tmp_path).taken():
        pass
    assert training.clock.seconds[WAITING] < 0.5


def test_the_core_of_a_training_that_fails_is_free(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Cores(tmp_path).taken():
        raise ZeroDivisionError

    again = Cores(tmp_path)
    with again.taken():
        assert again.clock.seconds.get(WAITING, 0) == 0


def test_the_core_of_a_training_that_is_killed_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        waiting = Cores(tmp_path)
        killer = threading.Timer(0.2, os.kill, (process.pid, signal.SIGKILL))
        killer.start()
        with capture_logs() as logs, waiting.taken():
            pass
        killer.join()

    assert waiting.clock.seconds.get(WAITING, 0) > 0.1
    assert [each["event"].partition(";")[0] for each in logs] == ["waiting for a core", "waited"]


def test_without_a_folder_nobody_waits() -> None:
    with ExitStack() as trainings:
        for _ in range(count_cores() + 1):
            trainings.enter_context(Cores.from_environment({}).taken())
            trainings.enter_context(Cores.from_environment({VARIABLE: ""}).taken())


@pytest.mark.parametrize(("threads", "at_once"), [("1", 4), ("2", 2), ("3", 1), ("8", 1)])
def test_a_training_of_several_threads_takes_as_many_cores(
    threads: str, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "count_cores", lambda: 4)
    monkeypatch.setenv("PIPELINE_TRAINING_THREADS", threads)
    crowd = Crowd()

    def compute(_: int) -> None:
        with Cores.from_environment({VARIABLE: str(tmp_path)}).taken(), crowd:
            time.sleep(0.1)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(compute, range(6)))

    assert crowd.most == at_once


def test_this_process_may_use_a_core() -> None:
    assert 1 <= count_cores() <= (os.cpu_count() or 1)


def test_where_the_locks_cannot_be_used_that_is_told_and_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    training = Cores(tmp_path / "file" / "cores")

    with capture_logs() as logs, training.taken(), training.lent():
        pass

    assert [each["log_level"] for each in logs] == ["warning"]
    assert "file/cores" in logs[0]["folder"]
    assert training.clock.seconds[WAITING] < 0.5
