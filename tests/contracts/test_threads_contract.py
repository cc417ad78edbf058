"""What is fitted may be asked by several threads at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.other_process import ask, train_pairs
from pipeline.adapters import adapters


@pytest.mark.parametrize("adapter", adapters.classes)
def test_several_threads_get_the_answers_of_one(adapter: str) -> None:
    trained = train_pairs(adapter)
    alone = {name: ask(adapted) for name, adapted in trained.items()}

    with ThreadPoolExecutor(6) as pool:
        for name, adapted in trained.items():
            assert all(answers == alone[name] for answers in pool.map(ask, [adapted] * 12)), name
