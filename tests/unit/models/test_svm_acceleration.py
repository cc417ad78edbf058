"""The support vector machine that oneDAL has trained: what it learns is what libsvm learns, and is kept as that is."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.models.machinery import acceleration
from pipeline.models.machinery.acceleration import DISTRIBUTION, is_accelerated, limit_onedal
from pipeline.models.machinery.estimators import support_vector_classifier
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.serialisation.fitted import find_version
from pipeline.serialisation.json_document import read_json, write_json
from unit.models.test_svm_answers import dense_and_sparse, every_class_count, make_rows

HERE = find_version(DISTRIBUTION) != "missing"
only_with_onedal = pytest.mark.skipif(not HERE, reason="oneDAL is for x86-64 only")
POSITIVE = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "poly", "degree": 2, "coef0": 0.5},
    {"class_weight": "balanced", "shrinking": False},
    {"gamma": 0.2, "C": 5.0, "tolerance": 1e-8},
]


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let oneDAL train sets that are too small for it to be worth while."""
    monkeypatch.setattr(support_vector_classifier, "_FEWEST_DENSE", 0)
    monkeypatch.setattr(support_vector_classifier, "_FEWEST_SPARSE", 0)
    monkeypatch.delenv("PIPELINE_ONEDAL", raising=False)


def was_accelerated(model: ScikitModelSvm) -> bool:
    return bool(model._estimator.trained_by_onedal_)


@only_with_onedal
@pytest.mark.parametrize("options", POSITIVE, ids=str)
@every_class_count
@dense_and_sparse
def test_it_learns_what_libsvm_learns(
    options: dict[str, Any], classes: int, sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, truths = make_rows(classes, sparse, count=300)
    options = {"tolerance": 1e-6} | options
    fast = ScikitModelSvm(**options).fit(rows[:200], truths[:200])
    monkeypatch.setenv("PIPELINE_ONEDAL", "off")
    plain = ScikitModelSvm(**options).fit(rows[:200], truths[:200])

    assert (was_accelerated(fast), was_accelerated(plain)) == (True, False)
    assert fast.predict(rows) == plain.predict(rows)
    scores, expected = (model._estimator.decision_function(rows.astype(float)) for model in (fast, plain))
    assert np.allclose(scores, expected, rtol=0, atol=1e-4)


@only_with_onedal
@every_class_count
@dense_and_sparse
def test_its_document_is_the_same_each_time_and_answers_alike_when_read(classes: int, sparse: bool) -> None:
    rows, truths = make_rows(classes, sparse)
    first, second = (ScikitModelSvm(calibration="sigmoid").fit(rows, truths, seed=1) for _ in range(2))
    text = write_json(first.to_dict())

    loaded = ScikitModelSvm.from_dict(read_json(text))

    assert write_json(second.to_dict()) == text
    assert write_json(loaded.to_dict()) == text
    assert loaded.predict(rows) == first.predict(rows)
    assert np.array_equal(loaded.probabilities(rows), first.probabilities(rows))


READ = """
import sys
from pathlib import Path
import numpy as np
from pipeline.models.machinery.acceleration import is_accelerated
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.serialisation.json_document import read_json
folder = Path(sys.argv[1])
model = ScikitModelSvm.from_dict(read_json((folder / "model.json").read_text()))
rows = np.load(folder / "rows.npy")
np.save(folder / "scores.npy", model._estimator.decision_function(rows.astype(float)))
print(is_accelerated(), "sklearnex" in sys.modules, *model.predict(rows))
"""


@only_with_onedal
@pytest.mark.parametrize(("here", "there"), [("on", "off"), ("off", "on")])
def test_a_document_of_either_answers_alike_where_the_other_is(
    here: str, there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, truths = make_rows(3)
    monkeypatch.setenv("PIPELINE_ONEDAL", here)
    model = ScikitModelSvm().fit(rows, truths)
    (tmp_path / "model.json").write_text(write_json(model.to_dict()))
    np.save(tmp_path / "rows.npy", rows)

    environment = os.environ | {"PIPELINE_ONEDAL": there, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", READ, str(tmp_path)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)

    accelerated, imported, *answers = done.stdout.split()
    assert was_accelerated(model) == (here == "on")
    assert (accelerated, imported) == (str(there == "on"),) * 2
    assert answers == model.predict(rows)
    assert np.array_equal(np.load(tmp_path / "scores.npy"), model._estimator.decision_function(rows.astype(float)))


@pytest.mark.parametrize(
    "options", [{"kernel": "sigmoid"}, {"kernel": "poly", "coef0": -1.0}, {"max_iter": 1_000_000}], ids=str
)
def test_what_the_two_would_answer_differently_libsvm_trains(options: dict[str, Any]) -> None:
    assert not was_accelerated(ScikitModelSvm(**options).fit(*make_rows(2)))


def test_a_small_set_is_trained_by_libsvm(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truths = make_rows(3)
    monkeypatch.setattr(support_vector_classifier, "_FEWEST_DENSE", rows.shape[0] * rows.shape[1] * 2 // 3 + 1)

    assert not was_accelerated(ScikitModelSvm().fit(rows, truths))


@only_with_onedal
def test_where_onedal_comes_to_no_end_libsvm_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support_vector_classifier, "_MOST_ROUNDS", 1)

    model = ScikitModelSvm().fit(*make_rows(2))

    assert not was_accelerated(model)
    assert model.predict(make_rows(2)[0])


@only_with_onedal
def test_its_libraries_name_onedal_only_where_it_took_part(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = ScikitModelSvm().fit(*make_rows(2))
    monkeypatch.setenv("PIPELINE_ONEDAL", "off")
    plain = ScikitModelSvm().fit(*make_rows(2))

    for model, took_part in ((fast, True), (plain, False)):
        for each in (model, ScikitModelSvm.from_dict(model.to_dict())):
            assert (each.to_dict()["libraries"].get(DISTRIBUTION) == find_version(DISTRIBUTION)) == took_part
            assert (DISTRIBUTION in each.libraries) == took_part


def test_without_onedal_nothing_is_accelerated(monkeypatch: pytest.MonkeyPatch) -> None:
    acceleration._can_load.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearnex", None)  # as an import finds what is not there
    monkeypatch.setattr(acceleration, "find_spec", lambda _: None)
    try:
        model = ScikitModelSvm().fit(*make_rows(2))
        assert not was_accelerated(model)
        assert DISTRIBUTION not in model.to_dict()["libraries"]
    finally:
        acceleration._can_load.cache_clear()


@only_with_onedal
def test_onedal_that_cannot_be_loaded_is_logged_and_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    acceleration._can_load.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearnex.svm", None)
    try:
        assert not is_accelerated()
    finally:
        acceleration._can_load.cache_clear()


@pytest.mark.parametrize("text", ["no", "0", "false"])
def test_a_switch_that_is_neither_on_nor_off_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_ONEDAL", text)

    with pytest.raises(PipelineError, match=rf"PIPELINE_ONEDAL: '{text}' is not usable; on or off"):
        is_accelerated()


@only_with_onedal
def test_it_computes_on_one_thread_and_leaves_the_number_as_it_was() -> None:
    import daal4py

    before = daal4py.num_threads()

    with limit_onedal():
        assert daal4py.num_threads() == 1

    assert daal4py.num_threads() == before


@only_with_onedal
def test_it_trains_in_any_thread_without_a_warning() -> None:
    rows, truths = make_rows(2)
    model = ScikitModelSvm()
    thread = threading.Thread(target=model.fit, args=(rows, truths))
    thread.start()
    thread.join()

    assert was_accelerated(model)
    assert model.warned == ()
    assert write_json(model.to_dict()) == write_json(ScikitModelSvm().fit(rows, truths).to_dict())


FORK = """
import os, signal, sys
import numpy as np
from pipeline.models.machinery.estimators import support_vector_classifier
support_vector_classifier._FEWEST_DENSE = 0
from pipeline.models.machinery.acceleration import is_accelerated
from pipeline.models.scikit_model_svm import ScikitModelSvm
assert is_accelerated()
rows = np.random.default_rng(0).normal(size=(3000, 20)).astype(np.float32)
truths = ["ab"[number % 2] for number in range(3000)]
if sys.argv[1] == "trained":
    import daal4py, sklearnex.svm
    daal4py.daalinit(2)
    sklearnex.svm.SVC().fit(rows, truths)  # on threads, none of which a child has
child = os.fork()
if child == 0:
    signal.alarm(120)
    model = ScikitModelSvm().fit(rows, truths)
    os._exit(0 if model._estimator.trained_by_onedal_ and model.predict(rows[:9]) else 3)
print(os.waitpid(child, 0)[1])
"""


@only_with_onedal
@pytest.mark.parametrize("parent", ["imported", "trained"])
def test_a_child_trains_after_its_parent_has_loaded_onedal(parent: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK, parent]

    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=200)

    assert done.stdout.split() == ["0"]
