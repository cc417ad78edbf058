"""The k nearest neighbours: scikit-learn's vote, with ties broken the same way everywhere."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from pipeline.components.features import Features, make_sparse
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.models.machinery.estimators import neighbours
from pipeline.models.scikit_model_k_nearest_neighbours import ScikitModelKNearestNeighbours

METRICS = ["cosine", "euclidean", "manhattan"]
KINDS: dict[str, Callable[[Any], Features]] = {"dense": np.ascontiguousarray, "sparse": make_sparse}

every_metric = pytest.mark.parametrize("metric", METRICS)
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def make_rows(count: int, seed: int = 0) -> Any:
    draw = np.random.default_rng(seed)
    rows = draw.random((count, 8)).astype(np.float32)
    rows[rows < 0.4] = 0
    rows[0] = 0
    return rows


def make_truths(count: int, classes: int) -> list[str]:
    return ["abc"[number % classes] for number in range(count)]


@every_kind
@every_metric
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_after_reading_back(
    kind: Callable[[Any], Features], metric: str, weights: str, classes: int
) -> None:
    rows, queries, truths = kind(make_rows(80)), kind(make_rows(40, seed=1)[1:]), make_truths(80, classes)
    reference = KNeighborsClassifier(7, weights=weights, metric=metric, algorithm="brute").fit(
        rows.astype(float), truths
    )
    model = ScikitModelKNearestNeighbours(n_neighbors=7, weights=weights, metric=metric).fit(rows, truths)

    loaded = ScikitModelKNearestNeighbours.from_dict(model.to_dict())

    assert loaded.predict(queries) == reference.predict(queries.astype(float)).tolist()
    assert np.allclose(loaded.probabilities(queries), reference.predict_proba(queries.astype(float)))
    assert np.array_equal(loaded.probabilities(queries), model.probabilities(queries))


@every_kind
@every_metric
def test_of_rows_that_are_equally_near_the_earlier_vote(kind: Callable[[Any], Features], metric: str) -> None:
    rows = np.tile(make_rows(4, seed=2)[1:3], (200, 1))
    truths = ["late"] * 400
    truths[1], truths[3], truths[5] = "early", "early", "early"
    model = ScikitModelKNearestNeighbours(n_neighbors=3, metric=metric).fit(kind(rows), truths)

    assert model.predict(kind(rows[1:2])) == ["early"]
    assert model.predict(kind(rows[:1])) == ["late"]


@every_kind
@every_metric
def test_a_row_of_zeros_is_as_far_from_all_in_their_direction(kind: Callable[[Any], Features], metric: str) -> None:
    rows, truths = kind(make_rows(80)), make_truths(80, 3)
    model = ScikitModelKNearestNeighbours(n_neighbors=3, metric=metric, weights="distance").fit(rows, truths)
    query = kind(np.zeros((1, 8), dtype=np.float32))

    nearest = {"cosine": [0, 1, 2], "euclidean": [0], "manhattan": [0]}[metric]

    assert model._estimator.kneighbors(query)[1][0][: len(nearest)].tolist() == nearest


@every_kind
@every_metric
def test_an_answer_does_not_depend_on_the_rows_beside_it(
    kind: Callable[[Any], Features], metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScikitModelKNearestNeighbours(metric=metric, weights="distance")
    model.fit(kind(make_rows(80)), make_truths(80, 3))
    queries = kind(make_rows(40, seed=1))
    together = model.probabilities(queries)

    monkeypatch.setattr(neighbours, "_BLOCK_BYTES", 8 * 80 * 3)  # three queries at a time

    assert np.array_equal(model.probabilities(queries), together)
    alone = [model.probabilities(queries[number : number + 1]) for number in range(40)]
    assert np.array_equal(np.vstack(alone), together)


def test_more_neighbours_than_examples_cannot_be_trained_on() -> None:
    with pytest.raises(TrainingError, match="n_neighbors is 5, and there are 4 training examples"):
        ScikitModelKNearestNeighbours().fit(make_rows(4), ["a", "b"] * 2)


def test_more_neighbours_than_are_left_for_calibration_cannot_be_trained_on() -> None:
    with pytest.raises(TrainingError, match=r"n_neighbors is 10, and there are 8 rows .*or no calibration"):
        ScikitModelKNearestNeighbours(n_neighbors=10, calibration="sigmoid").fit(make_rows(10), ["a", "b"] * 5)


def test_a_document_with_fewer_rows_than_neighbours_is_refused() -> None:
    document = ScikitModelKNearestNeighbours().fit(make_rows(8), ["a", "b"] * 4).to_dict()

    with pytest.raises(DocumentError, match=r"model\.options\.n_neighbors: found 9; allowed is 1 to 8"):
        ScikitModelKNearestNeighbours.from_dict(document | {"options": document["options"] | {"n_neighbors": 9}})


@pytest.mark.parametrize("targets", [[0, 1, 2] * 2, [0] * 6, [1] * 6], ids=str)
def test_rows_of_other_classes_than_there_are_are_refused(targets: list[int]) -> None:
    document = ScikitModelKNearestNeighbours().fit(make_rows(6), ["a", "b"] * 3).to_dict()
    learnt = document["learnt"] | {"targets": np.array(targets, dtype=np.int32)}

    with pytest.raises(DocumentError, match=r"model\.learnt\.targets: found other classes"):
        ScikitModelKNearestNeighbours.from_dict(document | {"learnt": learnt})


def test_columns_outside_the_rows_are_refused() -> None:
    document = ScikitModelKNearestNeighbours().fit(make_sparse(make_rows(6)), ["a", "b"] * 3).to_dict()
    rows = document["learnt"]["rows"]
    indices = rows["indices"].copy()
    indices[-1] = 8

    with pytest.raises(DocumentError, match=r"model\.learnt\.rows\.indices: found column 8"):
        ScikitModelKNearestNeighbours.from_dict(
            document | {"learnt": document["learnt"] | {"rows": rows | {"indices": indices}}}
        )


@every_metric
def test_rows_are_measured_whatever_kind_the_adapter_gives(metric: str) -> None:
    rows, truths, queries = make_rows(80), make_truths(80, 3), make_rows(40, seed=1)[1:]
    dense = ScikitModelKNearestNeighbours(metric=metric).fit(rows, truths)
    sparse = ScikitModelKNearestNeighbours(metric=metric).fit(make_sparse(rows), truths)

    answers = dense.predict(queries)

    assert dense.predict(make_sparse(queries)) == answers
    assert sparse.predict(queries) == sparse.predict(make_sparse(queries)) == answers


@pytest.mark.parametrize(
    "options",
    [{"n_neighbors": 0}, {"n_neighbors": 1_001}, {"weights": None}, {"metric": "minkowski"}, {"algorithm": "kd_tree"}],
    ids=str,
)
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        ScikitModelKNearestNeighbours(**options)
