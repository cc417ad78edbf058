"""Things that are prepared once, by threads that stand for workers, under locks of a real database."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from passing import PATIENCE_SECONDS, PassingTime, wait_for_waiting
from pipeline.cache.cache import Cache, Kind
from pipeline.cache.lock import lock
from pipeline.cache.store import CacheStore
from pipeline.clock import WAITING, Clock
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database

NUMBERS: Kind[Any] = Kind("numbers", lambda made: made, lambda tree: tree)
KEY = {"of": "a test"}


@pytest.fixture
def store(tmp_path: Path) -> CacheStore:
    return CacheStore(f"file://{tmp_path / 'store'}", 2**20, KeyRing.generate())


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> PassingTime:
    """The time that making something takes: more than any reading of it can."""
    return PassingTime.for_clocks(monkeypatch)


class Maker:
    """Makes numbers, and counts how often; `meanwhile` is called before each is made."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.calls = 0
        self._meanwhile = meanwhile
        self._lock = threading.Lock()

    def __call__(self) -> dict[str, Any]:
        with self._lock:
            self.calls += 1
        self._meanwhile()
        return {"numbers": np.arange(10)}


def at_once(count: int) -> Callable[[], object]:
    """Return what so many makers have to be in at once before any of them goes on."""
    return partial(threading.Barrier(count).wait, 120)


def get_all_at_once(store: CacheStore | None, database: Database, maker: Maker, workers: int = 4) -> list[Cache]:
    trainings = [Cache(store, database) for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        found = [*pool.map(lambda cache: cache.get(NUMBERS, KEY, maker), trainings)]
    assert all((each["numbers"] == found[0]["numbers"]).all() for each in found)
    return trainings


def test_whoever_comes_first_makes_it_and_all_others_wait_for_it(
    store: CacheStore, models_db: Database, passing: PassingTime
) -> None:
    def take_an_hour() -> None:
        wait_for_waiting(models_db)
        passing.sleep(3600)

    maker = Maker(take_an_hour)

    trainings = get_all_at_once(store, models_db, maker)

    assert maker.calls == 1
    assert sorted(len(each.saved_seconds) for each in trainings) == [0, 1, 1, 1]
    assert all(seconds > 0 for each in trainings for seconds in each.saved_seconds.values())
    [made, *waited] = sorted((note for each in trainings for note in each.shared), key=lambda note: -note["made"])
    assert (made["what"], made["waited"], made["made"] >= 3600) == ("numbers", 0, True)
    assert waited
    assert all((note["entry"], note["made"], note["waited"] > 0) == (made["entry"], 0, True) for note in waited)


def test_what_is_read_again_is_noted_once_as_made(store: CacheStore, models_db: Database, passing: PassingTime) -> None:
    training = Cache(store, models_db)

    for _ in range(2):
        training.get(NUMBERS, KEY, Maker(lambda: passing.sleep(60)))

    assert [note["made"] for note in training.shared] == [60]


def test_without_a_store_everybody_makes_it_at_once(models_db: Database) -> None:
    maker = Maker(at_once(4))

    get_all_at_once(None, models_db, maker)

    assert maker.calls == 4


def test_what_is_made_faster_than_read_is_made_by_everybody_and_nobody_waits(
    tmp_path: Path, models_db: Database, passing: PassingTime
) -> None:
    def draw_a_megabyte() -> Any:
        passing.sleep(0.001)
        return np.random.default_rng(0).integers(256, size=2**20, dtype=np.uint8)

    store = CacheStore(f"file://{tmp_path / 'store'}", 2**30, KeyRing.generate())
    Cache(store, models_db).get(NUMBERS, KEY, draw_a_megabyte)
    maker = Maker(at_once(4))

    get_all_at_once(store, models_db, maker)

    assert maker.calls == 4


def test_two_stores_of_two_machines_do_not_wait_for_each_other(tmp_path: Path, models_db: Database) -> None:
    stores = [CacheStore(f"file://{tmp_path / name}", 2**20, KeyRing.generate()) for name in "ab"]
    maker = Maker(at_once(2))

    with ThreadPoolExecutor(2) as pool:
        [*pool.map(lambda store: Cache(store, models_db).get(NUMBERS, KEY, maker), stores)]

    assert maker.calls == 2


def test_a_failure_leaves_nothing_and_the_next_one_tries_again(store: CacheStore, models_db: Database) -> None:
    def fail() -> Any:
        raise ValueError("no words")

    cache = Cache(store, models_db)
    with pytest.raises(ValueError, match="no words"):
        cache.get(NUMBERS, KEY, fail)

    assert store.survey() == (0, 0)
    assert cache.get(NUMBERS, KEY, Maker())["numbers"].size == 10


def test_a_worker_that_is_killed_leaves_its_turn_to_the_next(models_db: Database, models_url: str) -> None:
    script = (
        "import sys, time; from pipeline.cache.lock import lock; from pipeline.clock import Clock\n"
        "from pipeline.stores.database import Database\n"
        "with lock(Database.from_url('models_db', sys.argv[1]), sys.argv[2], 'numbers', Clock()):\n"
        "    print('taken', flush=True); time.sleep(600)"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, models_url, "one"], stdout=subprocess.PIPE)
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"taken\n"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(take_turn, models_db)
            wait_for_waiting(Database.from_url("models_db", models_url))
            assert not waiting.done()
            worker.kill()
            assert waiting.result(30)
    finally:
        worker.kill()
        worker.communicate()


def test_a_turn_ends_though_its_connection_is_kept(models_db: Database, models_url: str) -> None:
    with models_db.kept_open(), ThreadPoolExecutor(1) as pool:
        assert take_turn(models_db)
        assert pool.submit(take_turn, Database.from_url("models_db", models_url)).result(30)


def take_turn(database: Database) -> bool:
    with lock(database, "one", "numbers", Clock()):
        return True


def test_the_wait_for_another_worker_is_charged_to_waiting(
    store: CacheStore, models_db: Database, passing: PassingTime
) -> None:
    making, clock = threading.Event(), Clock()

    def take_an_hour() -> None:
        making.set()
        wait_for_waiting(models_db)
        passing.sleep(3600)

    maker = Maker(take_an_hour)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(Cache(store, models_db).get, NUMBERS, KEY, maker)
        assert making.wait(PATIENCE_SECONDS)
        second = pool.submit(Cache(store, models_db, clock).get, NUMBERS, KEY, maker)
        assert (first.result()["numbers"] == second.result()["numbers"]).all()

    assert maker.calls == 1
    assert clock.seconds == {WAITING: 3600}


def test_another_key_is_another_thing(store: CacheStore, models_db: Database) -> None:
    cache = Cache(store, models_db)

    assert [cache.get(NUMBERS, {"of": name}, name.upper) for name in "aba"] == ["A", "B", "A"]
    assert store.survey()[0] == 2


def test_the_log_says_what_was_waited_for_reused_and_saved(
    store: CacheStore, models_db: Database, passing: PassingTime
) -> None:
    def take_an_hour() -> None:
        wait_for_waiting(models_db)
        time.sleep(0.01)  # the log rounds
        passing.sleep(3600)

    with capture_logs() as logs:
        get_all_at_once(store, models_db, Maker(take_an_hour), workers=2)

    told = {log["event"]: log for log in logs}
    assert told["waited"]["seconds"] >= 0.01
    assert told["waiting for another worker that is preparing the same"]["what"] == "numbers"
    assert told["prepared"]["kept"]
    assert told["prepared"]["seconds"] == 3600
    assert 0 < told["reused"]["saved_seconds"] <= 3600


def test_what_is_made_inside_of_something_else_does_not_count_for_it(
    store: CacheStore, models_db: Database, passing: PassingTime
) -> None:
    cache = Cache(store, models_db)

    def make_outer() -> Any:
        return cache.get(NUMBERS, {"of": "inner"}, Maker(lambda: passing.sleep(3600)))

    cache.get(NUMBERS, KEY, make_outer)
    again = Cache(store, models_db)
    again.get(NUMBERS, KEY, make_outer)

    assert again.saved_seconds["numbers"] <= 0  # what was read was made in no time
