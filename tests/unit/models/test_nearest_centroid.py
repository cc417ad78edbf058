"""The nearest centroid: what scikit-learn learns of the same options, and also from sparse rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from pipeline.components.features import Features, make_sparse
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.scikit_model_nearest_centroid import ScikitModelNearestCentroid

KINDS: dict[str, Callable[[Any], Features]] = {"dense": np.ascontiguousarray, "sparse": make_sparse}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def make_rows(truths: list[str], seed: int = 0) -> Any:
    draw = np.random.default_rng(seed)
    rows = draw.random((len(truths), 8)) + np.array([np.eye(8)[ord(truth) - ord("a")] for truth in truths]) / 2
    rows[rows < 0.3] = 0
    return rows.astype(np.float32)


def make_truths(count: int, classes: int) -> list[str]:
    """Return more of the first class than of the others."""
    return ["abc"[max(number % 4 - 1, 0) % classes] for number in range(count)]


@every_kind
@pytest.mark.parametrize("shrink_threshold", [None, 0.5])
@pytest.mark.parametrize("priors", ["uniform", "empirical"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_after_reading_back(
    kind: Callable[[Any], Features], classes: int, metric: str, priors: str, shrink_threshold: float | None
) -> None:
    truths = make_truths(80, classes)
    rows, queries = make_rows(truths), make_rows(make_truths(40, classes), seed=1)
    options: dict[str, Any] = {"metric": metric, "priors": priors, "shrink_threshold": shrink_threshold}
    reference = NearestCentroid(**options).fit(rows.astype(float), truths)
    model = ScikitModelNearestCentroid(**options).fit(kind(rows), truths)

    loaded = ScikitModelNearestCentroid.from_dict(model.to_dict())

    assert loaded.predict(kind(queries)) == reference.predict(queries.astype(float)).tolist()
    assert np.allclose(model._estimator.centroids_, reference.centroids_, rtol=0, atol=1e-12)
    assert np.allclose(model._estimator.within_class_std_dev_, reference.within_class_std_dev_, rtol=0, atol=1e-12)


@every_kind
def test_calibration_learns_from_the_scores_that_scikit_learn_gives(kind: Callable[[Any], Features]) -> None:
    truths = make_truths(80, 3)
    rows = make_rows(truths)
    reference = NearestCentroid().fit(rows.astype(float), truths)
    model = ScikitModelNearestCentroid(calibration="sigmoid").fit(kind(rows), truths)

    loaded = ScikitModelNearestCentroid.from_dict(model.to_dict())

    scores = loaded.rate(loaded.score(kind(rows)))
    assert np.allclose(scores, reference.decision_function(rows.astype(float)))
    assert np.array_equal(loaded.probabilities(kind(rows)), model.probabilities(kind(rows)))


@every_kind
def test_numbers_that_do_not_vary_within_classes_are_not_shrunk(kind: Callable[[Any], Features]) -> None:
    rows = np.zeros((6, 5), dtype=np.float32)
    rows[:3, 0], rows[3:, 1] = 1, 1
    rows[::2, 2] = 0.5
    model = ScikitModelNearestCentroid(shrink_threshold=0.1).fit(kind(rows), ["a"] * 3 + ["b"] * 3)

    loaded = ScikitModelNearestCentroid.from_dict(model.to_dict())

    assert loaded._estimator.centroids_[:, :2].tolist() == [[1, 0], [0, 1]]
    assert loaded.predict(kind(rows)) == ["a"] * 3 + ["b"] * 3


@pytest.mark.parametrize("priors", ["uniform", "empirical"])
def test_one_example_a_class_is_enough(priors: str) -> None:
    rows = np.eye(3, dtype=np.float32)
    model = ScikitModelNearestCentroid(priors=priors).fit(rows, ["a", "b", "c"])

    assert ScikitModelNearestCentroid.from_dict(model.to_dict()).predict(rows) == ["a", "b", "c"]


@every_kind
def test_rows_that_are_all_the_same_cannot_be_trained_on(kind: Callable[[Any], Features]) -> None:
    with pytest.raises(TrainingError, match="all rows are the same"):
        ScikitModelNearestCentroid().fit(kind(np.ones((4, 3), dtype=np.float32)), ["a", "b"] * 2)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({}, ()),
        ({"calibration": "sigmoid"}, ("within_class_std_dev",)),
        ({"priors": "empirical"}, ("within_class_std_dev", "class_prior")),
    ],
    ids=str,
)
def test_a_document_holds_what_its_options_need(options: dict[str, Any], parts: tuple[str, ...]) -> None:
    truths = make_truths(80, 3)
    learnt = ScikitModelNearestCentroid(**options).fit(make_rows(truths), truths).to_dict()["learnt"]

    assert learnt.keys() - {"classes", "width", "calibration"} == {"centroids", *parts}


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("class_prior", [0.5, 0.5, 0.5], "numbers that are no shares"),
        ("class_prior", [0.0, 0.5, 0.5], "numbers that are no shares"),
        ("class_prior", [-0.5, 1.0, 0.5], "a value of -0.5"),
        ("within_class_std_dev", [1e-200] * 8, "a number next to 0"),
        ("within_class_std_dev", [-1.0] * 8, "a value of -1"),
        ("within_class_std_dev", [1.0] * 7, "a float64 array"),
        ("centroids", [[1e300] * 8] * 3, "a value of 1e\\+300"),
    ],
)
def test_parts_that_would_give_no_distance_are_refused(part: str, value: list[Any], message: str) -> None:
    truths = make_truths(80, 3)
    document = ScikitModelNearestCentroid(priors="empirical").fit(make_rows(truths), truths).to_dict()

    with pytest.raises(DocumentError, match=rf"model\.learnt\.{part}: found {message}"):
        ScikitModelNearestCentroid.from_dict(document | {"learnt": document["learnt"] | {part: np.array(value)}})


@pytest.mark.parametrize(
    "options", [{"metric": "cosine"}, {"shrink_threshold": 0}, {"priors": [0.5, 0.5]}, {"priors": "equal"}], ids=str
)
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelNearestCentroid(**options)
