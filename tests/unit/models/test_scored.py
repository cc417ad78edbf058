"""Models that compute their answers themselves: they are, bit by bit, those of an estimator with the same weights."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.components.features import Features, make_sparse
from pipeline.errors import TrainingError
from pipeline.models import models
from pipeline.models.machinery.scikit import ScikitModel

Draw = np.random.Generator
Fill = Callable[[Draw, int, int, str, float], dict[str, Any]]


def draw_numbers(draw: Draw, shape: tuple[int, ...], dtype: str, scale: float) -> Any:
    """Return numbers of a scale; every second time whole ones, with which scores are often equal."""
    numbers = draw.normal(scale=scale, size=shape)
    return (numbers.round() if draw.random() < 0.5 else numbers).astype(dtype)


def fill_linear(draw: Draw, classes: int, width: int, dtype: str, scale: float) -> dict[str, Any]:
    rows = 1 if classes == 2 else classes
    return {
        "coef": draw_numbers(draw, (rows, width), dtype, scale),
        "intercept": draw_numbers(draw, (rows,), dtype, scale),
    }


def fill_naive_bayes(draw: Draw, classes: int, width: int, _: str, scale: float) -> dict[str, Any]:
    return {
        "class_log_prior": draw_numbers(draw, (classes,), "float64", scale),
        "feature_log_prob": draw_numbers(draw, (classes, width), "float64", scale),
    }


def fill_complement(draw: Draw, classes: int, width: int, dtype: str, scale: float) -> dict[str, Any]:
    learnt = fill_naive_bayes(draw, classes, width, dtype, scale)
    return {"feature_log_prob": learnt["feature_log_prob"]}


def fill_layers(draw: Draw, classes: int, width: int, dtype: str, scale: float) -> dict[str, Any]:
    learnt, inputs = {}, width
    for number, units in enumerate([4, 5, 1 if classes == 2 else classes], 1):
        learnt[f"coef_{number}"] = draw_numbers(draw, (inputs, units), dtype, scale)
        learnt[f"intercept_{number}"] = draw_numbers(draw, (units,), dtype, scale)
        inputs = units
    return learnt


SETUPS: list[tuple[str, dict[str, Any], Fill]] = [
    ("scikit_model_linear_svm", {}, fill_linear),
    ("scikit_model_logistic_regression", {}, fill_linear),
    *(("scikit_model_sgd", {"loss": loss}, fill_linear) for loss in ("hinge", "log_loss", "modified_huber")),
    ("scikit_model_multinomial_naive_bayes", {}, fill_naive_bayes),
    ("scikit_model_complement_naive_bayes", {}, fill_complement),
    *(
        ("scikit_model_mlp", {"hidden_layer_sizes": [4, 5], "activation": activation}, fill_layers)
        for activation in ("relu", "tanh", "logistic", "identity")
    ),
]
every_setup = pytest.mark.parametrize(
    ("name", "options", "fill"), SETUPS, ids=lambda part: getattr(part, "__name__", str(part))
)


def make_model(name: str, options: dict[str, Any], learnt: dict[str, Any], classes: int, width: int) -> ScikitModel:
    """Return a model with these weights, as one that is read from a document."""
    model: Any = models[name](**options)
    model.set_learnt({"classes": [f"class {number}" for number in range(classes)], "width": width, **learnt})
    return model  # type: ignore[no-any-return]


def make_features(draw: Draw, rows: int, width: int, kind: str) -> Features:
    """Return numbers from 0, most of them 0, one row without any."""
    features = np.where(draw.random((rows, width)) < 0.4, np.abs(draw.normal(size=(rows, width))), 0)
    features[rows // 2 : rows // 2 + 1] = 0
    return make_sparse(features) if kind == "sparse" else features.astype(np.float32)


@every_setup
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    classes=st.integers(2, 9),
    width=st.integers(1, 40),
    rows=st.integers(0, 12),
    dtype=st.sampled_from(["float32", "float64"]),
    scale=st.sampled_from([1e-3, 1.0, 30.0, 1e30]),
    kind=st.sampled_from(["dense", "sparse"]),
)
def test_answers_are_those_of_the_estimator(
    name: str,
    options: dict[str, Any],
    fill: Fill,
    seed: int,
    classes: int,
    width: int,
    rows: int,
    dtype: str,
    scale: float,
    kind: str,
) -> None:
    draw = np.random.default_rng(seed)
    model = make_model(name, options, fill(draw, classes, width, dtype, scale), classes, width)
    features = make_features(draw, rows, width, kind)

    names, shares = model.answer(features)

    if not rows:
        assert (names, shares is None or shares.tolist()) == ([], not model.gives_probabilities or [])
        return
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given_rows = features.astype(model.precision)
        assert names == [f"class {number}" for number in model._estimator.predict(given_rows)]
        if hasattr(model._estimator, "decision_function"):
            scores = model._estimator.decision_function(given_rows)
            assert np.array_equal(model.score(features).reshape(scores.shape), scores, equal_nan=True)
        if shares is None:
            return
        expected = np.asarray(model._estimator.predict_proba(given_rows), dtype=np.float64)
    expected[~np.isfinite(expected).all(axis=1)] = 1 / classes
    assert np.array_equal(shares, expected)


@every_setup
def test_rows_of_another_width_are_refused(name: str, options: dict[str, Any], fill: Fill) -> None:
    draw = np.random.default_rng(0)
    model = make_model(name, options, fill(draw, 3, 5, "float64", 1.0), 3, 5)

    for kind in ("dense", "sparse"):
        with pytest.raises(ValueError, match="mismatch"):
            model.predict(make_features(draw, 2, 4, kind))


@every_setup
def test_a_model_that_is_fitted_again_answers_by_its_new_weights(
    name: str, options: dict[str, Any], fill: Fill
) -> None:
    rows = np.eye(4, dtype=np.float32).repeat(10, axis=0)
    model: Any = make_model(name, options, fill(np.random.default_rng(0), 3, 4, "float64", 1.0), 3, 4)
    model.predict(make_sparse(rows))

    model.fit(make_sparse(rows), ["b"] * 20 + ["a"] * 20)

    read_back = type(model).from_dict(model.to_dict())
    assert np.array_equal(model.score(make_sparse(rows)), read_back.score(make_sparse(rows)))


def test_a_model_without_probabilities_says_so_whatever_it_is_asked() -> None:
    model = make_model("scikit_model_linear_svm", {}, fill_linear(np.random.default_rng(0), 3, 4, "float64", 1), 3, 4)

    for rows in (0, 2):
        with pytest.raises(TrainingError, match="does not provide probabilities"):
            model.probabilities(np.zeros((rows, 4), dtype=np.float32))
