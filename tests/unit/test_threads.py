"""How many threads a training computes on."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from pipeline.errors import PipelineError
from pipeline.models import models
from pipeline.serialisation.json_document import write_json
from pipeline.threads import VARIABLE, count_threads, limit_threads


def list_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info()}


def test_a_training_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    with limit_threads():
        assert list_threads() == {1}


def test_more_threads_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, " 2 ")

    with limit_threads():
        assert max(list_threads()) == 2
    assert count_threads() == 2


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "٢", "100000"])
def test_anything_else_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(VARIABLE, said)

    with pytest.raises(PipelineError, match=rf"{VARIABLE}: '{said}' is not usable; a whole number from 1 to 1024"):
        count_threads()


@pytest.mark.parametrize("name", ["scikit_model_random_forest", "scikit_model_extra_trees"])
def test_forests_are_the_same_on_more_threads(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    features = np.random.default_rng(0).random((200, 8), dtype=np.float32)
    truths = [f"class {int(row[0] + row[1] > 1)}" for row in features]
    documents = []
    for threads in ("1", "2"):
        monkeypatch.setenv(VARIABLE, threads)
        documents.append(write_json(models[name](n_estimators=8).fit(features, truths, seed=1).to_dict()))

    assert documents[0] == documents[1]
