"""How many threads a training computes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from pipeline.errors import PipelineError
from pipeline.models import models
from pipeline.serialisation.json_document import write_json
from pipeline.threads import (
    SharedSetting,
    _find_pools,
    count_threads,
    count_tree_threads,
    find_libraries,
    limit_threads,
)


@pytest.fixture(autouse=True)
def _find_what_is_loaded() -> None:
    """Forget which libraries an earlier test found: others have been loaded since."""
    find_libraries.cache_clear()
    _find_pools.cache_clear()


def list_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info()}


def test_a_training_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIPELINE_TRAINING_THREADS", raising=False)

    with limit_threads():
        assert list_threads() == {1}


def test_more_threads_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_TRAINING_THREADS", " 2 ")

    with limit_threads():
        assert max(list_threads()) == 2
    assert count_threads() == count_tree_threads() == 2


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (3, 3), (64, 4)])
def test_the_trees_of_a_forest_grow_on_a_few_cores(monkeypatch: pytest.MonkeyPatch, cores: int, threads: int) -> None:
    monkeypatch.delenv("PIPELINE_TRAINING_THREADS", raising=False)
    monkeypatch.setattr("pipeline.threads.count_cores", lambda: cores)

    assert count_tree_threads() == threads


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "٢", "100000"])
def test_anything_else_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("PIPELINE_TRAINING_THREADS", said)

    with pytest.raises(
        PipelineError, match=rf"PIPELINE_TRAINING_THREADS: '{said}' is not usable; a whole number from 1 to 1024"
    ):
        count_threads()


@contextmanager
def given_threads(count: int) -> Iterator[None]:
    """Let BLAS libraries begin with a number of threads that no limit of ours sets."""
    libraries = find_libraries().select(user_api="blas").lib_controllers
    before = [library.get_num_threads() for library in libraries]
    for library in libraries:
        library.set_num_threads(count)
        getattr(library, "clear_controlling_thread", bool)()
    yield
    for library, size in zip(libraries, before, strict=True):
        library.set_num_threads(size)
        getattr(library, "clear_controlling_thread", bool)()


def list_blas() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_blocks_of_two_threads_that_overlap_leave_the_number_as_it_was() -> None:
    both_in, first_out, seen = Barrier(2), Barrier(2), []

    def run_first() -> None:
        with limit_threads():
            both_in.wait(10)
        first_out.wait(10)

    def run_second() -> None:
        with limit_threads():
            both_in.wait(10)
            first_out.wait(10)
            seen.append(list_blas())

    with given_threads(2):
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(run_first), pool.submit(run_second)]:
                done.result(20)

        assert seen == [{1}]  # which the first, when it ended, did not lift
        assert list_blas() == {2}


def test_a_block_within_another_leaves_the_outer_one_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_TRAINING_THREADS", "1")
    with given_threads(2):
        with limit_threads():
            monkeypatch.setenv("PIPELINE_TRAINING_THREADS", "2")
            with limit_threads():
                assert list_blas() == {2}
            assert list_threads() == {1}
        assert list_blas() == {2}


def test_of_blocks_that_run_the_latest_decides_and_at_the_end_the_first_value_is_back() -> None:
    value = [9]
    setting = SharedSetting(lambda: value[0], lambda new: value.__setitem__(0, new))
    first, second, third = (setting.set(number) for number in (1, 2, 3))
    told = []

    for step in (first.__enter__, second.__enter__, third.__enter__):
        step()
        told.append(value[0])
    for block in (second, third, first):
        block.__exit__(None, None, None)
        told.append(value[0])

    assert told == [1, 2, 3, 3, 1, 9]


def test_a_block_that_fails_restores_the_value_too() -> None:
    value = [9]
    setting = SharedSetting(lambda: value[0], lambda new: value.__setitem__(0, new))

    with pytest.raises(KeyError), setting.set(1):
        raise KeyError

    assert value == [9]


@pytest.mark.parametrize("name", ["scikit_model_random_forest", "scikit_model_extra_trees"])
def test_forests_are_the_same_on_more_threads(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    features = np.random.default_rng(0).random((200, 8), dtype=np.float32)
    truths = [f"class {int(row[0] + row[1] > 1)}" for row in features]
    documents = []
    for threads in ("1", "2"):
        monkeypatch.setenv("PIPELINE_TRAINING_THREADS", threads)
        documents.append(write_json(models[name](n_estimators=8).fit(features, truths, seed=1).to_dict()))

    assert documents[0] == documents[1]
