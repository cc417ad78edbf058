"""How the support vector machine answers: as libsvm does of the same support vectors, whoever found them."""

from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from pipeline.components.features import Features, make_sparse
from pipeline.models.machinery.estimators import kernels
from pipeline.models.scikit_model_svm import ScikitModelSvm

KERNELS = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 0.5},
    {"kernel": "poly", "degree": 4, "gamma": "auto", "coef0": 0.5},
    {"kernel": "poly", "degree": 3, "coef0": -0.5},
    {"kernel": "sigmoid", "coef0": 0.1},
]
every_kernel = pytest.mark.parametrize("options", KERNELS, ids=str)
every_class_count = pytest.mark.parametrize("classes", [2, 3, 7])
dense_and_sparse = pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])


def make_rows(classes: int, sparse: bool = False, count: int = 150) -> tuple[Features, list[str]]:
    """Return rows around centres that overlap, and their classes."""
    draw = np.random.default_rng(classes)
    numbers = np.arange(count) % classes
    rows = draw.normal(size=(count, 12)) + np.eye(12)[numbers]
    rows[np.abs(rows) < 0.5] = 0
    return make_sparse(rows) if sparse else rows.astype(np.float32), [f"{number:02}" for number in numbers]


@every_kernel
@every_class_count
@dense_and_sparse
def test_it_answers_as_libsvm_does(options: dict[str, Any], classes: int, sparse: bool) -> None:
    rows, truths = make_rows(classes, sparse)
    reference = SVC(C=0.5, tol=1e-4, **options).fit(rows.astype(float)[:100], truths[:100])
    model = ScikitModelSvm(C=0.5, tolerance=1e-4, **options).fit(rows[:100], truths[:100])

    loaded = ScikitModelSvm.from_dict(model.to_dict())

    scores = loaded._estimator.decision_function(rows.astype(float))
    assert loaded.predict(rows) == reference.predict(rows.astype(float)).tolist()
    assert np.allclose(scores, reference.decision_function(rows.astype(float)), rtol=0, atol=1e-9)
    assert np.array_equal(scores, model._estimator.decision_function(rows.astype(float)))


@every_class_count
@dense_and_sparse
def test_a_row_is_answered_alike_alone_and_among_others(
    classes: int, sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, truths = make_rows(classes, sparse)
    model = ScikitModelSvm(calibration="sigmoid").fit(rows, truths)
    together, shares = model.predict(rows), model.probabilities(rows)

    monkeypatch.setattr(kernels, "_BATCH_BYTES", 1)

    assert model.predict(rows) == together
    assert np.allclose(model.probabilities(rows), shares, rtol=0, atol=1e-9)
    assert [model.predict(rows[number : number + 1])[0] for number in range(20)] == together[:20]


def test_what_is_smaller_than_rounding_is_a_tie_which_the_second_class_wins() -> None:
    kernel, row = kernels.Kernel("linear", gamma=1.0, degree=3, coef0=0.0), np.full((1, 50), 0.1)
    plain = []
    for seed in range(20):
        numbers = np.random.default_rng(seed).random(50)
        vectors = np.array([numbers, numbers[::-1]])  # equal sums, added up in another order
        held = kernels.SupportVectors(kernel, vectors, [1, 1], np.array([[0.7, -0.7]]), [0.0])

        [(_, decisions)] = held.decide(row)

        assert decisions.tolist() == [[0.0]]
        plain.append(vectors @ row[0] @ [0.7, -0.7])
    assert any(plain)  # which is where rounding shows, on whatever processor


def test_features_that_tell_nothing_apart_are_answered_with_one_class() -> None:
    rows, truths = np.zeros((40, 3), dtype=np.float32), ["a", "b"] * 20
    model = ScikitModelSvm(C=0.3).fit(rows, truths)

    assert len(set(model.predict(rows))) == 1
    assert model.predict(rows[:1]) == model.predict(rows)[:1]
