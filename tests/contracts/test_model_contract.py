"""What holds for every registered model, in every way to set it up."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from corpus import make_examples, make_options, vary_options
from pipeline.components.features import Features, make_sparse
from pipeline.errors import DocumentError, TrainingError
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.serialisation.json_document import read_json, write_json

WIDTH = 5
SETUPS = [(model, options) for model in models.classes.values() for options in vary_options(model)]

every_setup = pytest.mark.parametrize(
    ("model", "options"), SETUPS, ids=[f"{model.short_name}-{options}" for model, options in SETUPS]
)
never_negative = pytest.mark.parametrize(
    "model", [model for model in models.classes.values() if not model.takes_negative], ids=lambda model: model.name
)
every_class_count = pytest.mark.parametrize("classes", [2, 3, 5])


def make_features(model: type[Model], classifications: list[str], seed: int = 0) -> Features:
    """Return rows around a centre of their own for each class, negative numbers among them if the model takes any."""
    draw = np.random.default_rng(seed)
    numbers = np.array([ord(name[-1]) - ord("A") for name in classifications])
    noise = draw.normal(scale=0.3, size=(len(numbers), WIDTH))
    rows = np.asarray(np.eye(WIDTH)[numbers] + noise, dtype=np.float32)
    return rows if model.takes_negative else rows.clip(min=0)


def make_fitted(model: type[Model], options: dict[str, Any], classes: int) -> tuple[Model, Features]:
    """Return a model fitted on sixty rows, and forty others; the model belongs to the caller."""
    fitted = copy.deepcopy(fit_once(model, json.dumps(options), classes))
    return fitted, make_features(model, list(make_examples(40, classes=classes).classifications), seed=1)


@cache
def fit_once(model: type[Model], options: str, classes: int) -> Model:
    """Return the model that all tests of a setup share."""
    return fit(model, json.loads(options), classes)


def fit(model: type[Model], options: dict[str, Any], classes: int) -> Model:
    classifications = list(make_examples(60, classes=classes).classifications)
    return model(**options).fit(make_features(model, classifications), classifications, seed=5)


@every_class_count
@every_setup
def test_it_learns_any_number_of_classes(model: type[Model], options: dict[str, Any], classes: int) -> None:
    fitted, features = make_fitted(model, options, classes)

    answers = fitted.predict(features)

    truths = make_examples(40, classes=classes).classifications
    assert fitted.classes == sorted(set(truths))
    assert fitted.width == WIDTH
    assert len(answers) == 40
    assert all(type(answer) is str for answer in answers)
    if model.learns:
        assert sum(answer == truth for answer, truth in zip(answers, truths, strict=True)) > 20
    else:
        assert set(answers) == {fitted.classes[0]}


@every_class_count
@every_setup
def test_probabilities_add_up_and_stay_what_they_are(model: type[Model], options: dict[str, Any], classes: int) -> None:
    fitted, features = make_fitted(model, options, classes)
    if not fitted.gives_probabilities:
        with pytest.raises(TrainingError, match="does not provide probabilities"):
            fitted.probabilities(features)
        return

    shares = fitted.probabilities(features)

    assert shares.shape == (40, classes)
    assert np.allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()
    assert fitted.probabilities(features[:0]).shape == (0, classes)
    assert np.array_equal(model.from_dict(fitted.to_dict()).probabilities(features), shares)


@every_setup
def test_both_answers_together_are_those_of_each(model: type[Model], options: dict[str, Any]) -> None:
    fitted, features = make_fitted(model, options, 3)

    for rows in (features, make_sparse(features), features[:1], features[:0]):
        names, shares = fitted.answer(rows)

        assert names == fitted.predict(rows)
        assert (shares is not None) == fitted.gives_probabilities
        if shares is not None:
            assert shares.dtype == np.float64
            assert np.array_equal(shares, fitted.probabilities(rows))


@every_setup
def test_sparse_features_are_learnt_from_as_dense_ones_are(model: type[Model], options: dict[str, Any]) -> None:
    classifications = list(make_examples(60).classifications)
    features = make_features(model, classifications)
    features[np.abs(features) < 0.2] = 0
    sparse = make_sparse(features)

    fitted = model(**options).fit(sparse, classifications, seed=5)
    loaded = model.from_dict(read_json(write_json(fitted.to_dict())))

    assert loaded.predict(sparse) == fitted.predict(sparse)
    by_dense = model(**options).fit(features, classifications, seed=5).predict(features)
    same = [one == other for one, other in zip(fitted.predict(sparse), by_dense, strict=True)]
    assert sum(same) >= 0.8 * len(same)


@every_class_count
@every_setup
def test_a_document_read_back_predicts_the_same(model: type[Model], options: dict[str, Any], classes: int) -> None:
    fitted, features = make_fitted(model, options, classes)

    loaded = model.from_dict(read_json(write_json(fitted.to_dict())))

    assert loaded.predict(features) == fitted.predict(features)
    assert loaded.classes == fitted.classes
    assert write_json(loaded.to_dict()) == write_json(fitted.to_dict())


@every_setup
def test_two_fits_with_one_seed_give_one_document(model: type[Model], options: dict[str, Any]) -> None:
    first = make_fitted(model, options, 3)[0]
    second = fit(model, options, 3)

    assert write_json(first.to_dict()) == write_json(second.to_dict())


@every_setup
def test_no_rows_give_no_classes(model: type[Model], options: dict[str, Any]) -> None:
    fitted, features = make_fitted(model, options, 2)

    assert fitted.predict(features[:0]) == []


@every_setup
def test_one_class_is_refused(model: type[Model], options: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="at least two classes"):
        model(**options).fit(make_features(model, ["class A"] * 4), ["class A"] * 4)


@never_negative
def test_negative_numbers_are_refused_by_a_model_that_takes_none(model: type[Model]) -> None:
    features = make_features(model, ["class A", "class B"] * 4)
    features[-1, -1] = -0.5

    with pytest.raises(TrainingError, match="cannot learn from negative numbers") as caught:
        model(**make_options(model)).fit(features, ["class A", "class B"] * 4)

    assert "adapter" in caught.value.next_step


@every_setup
def test_a_model_that_is_not_fitted_refuses_to_work(model: type[Model], options: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="call fit first"):
        model(**options).predict(np.zeros((1, WIDTH), dtype=np.float32))
    with pytest.raises(TrainingError, match="call fit first"):
        model(**options).to_dict()


@every_setup
def test_a_document_lacking_any_part_is_refused(model: type[Model], options: dict[str, Any]) -> None:
    document = make_fitted(model, options, 3)[0].to_dict()

    added = {name for name, option in model.options_by_name().items() if option.added}
    for part, names in {"options": {*document["options"]} - added, "learnt": {*document["learnt"]}}.items():
        for name in names:
            without = {key: value for key, value in document[part].items() if key != name}
            with pytest.raises(DocumentError, match=rf"model\.{part}\.{name}: found nothing"):
                model.from_dict(document | {part: without})
    for name in document:
        with pytest.raises(DocumentError, match=f"model.{name}: found nothing"):
            model.from_dict({key: value for key, value in document.items() if key != name})


@every_setup
def test_arrays_of_any_other_shape_are_refused(model: type[Model], options: dict[str, Any]) -> None:
    document = make_fitted(model, options, 3)[0].to_dict()
    arrays = list(list_arrays(document["learnt"]))

    assert arrays
    for holder, name in arrays:
        array = holder[name]
        for changed in (array[:-1], array[:0], array[None], array.astype(">f8"), np.full_like(array, -(2**31))):
            if changed.dtype.kind == "f" and changed.shape == array.shape and changed.dtype == array.dtype:
                continue  # other finite weights are a model too
            with pytest.raises(DocumentError, match="model"):
                read_with(model, document, holder, name, changed)


@every_setup
def test_not_a_number_is_refused_anywhere(model: type[Model], options: dict[str, Any]) -> None:
    document = make_fitted(model, options, 3)[0].to_dict()

    for holder, name in list_arrays(document["learnt"]):
        if holder[name].dtype.kind == "f" and holder[name].size:
            broken = holder[name].copy()
            broken.flat[-1] = np.nan
            with pytest.raises(DocumentError, match=rf"model\.learnt.*{name}.*: found a value that is not finite"):
                read_with(model, document, holder, name, broken)


def list_arrays(part: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the place of every array: what holds it, and its key there."""
    places = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in places:
        if isinstance(value, np.ndarray):
            yield part, key
        else:
            yield from list_arrays(value)


def read_with(model: type[Model], document: dict[str, Any], holder: Any, key: Any, changed: Any) -> Model:
    """Read a document in which one place holds something else."""
    kept, holder[key] = holder[key], changed
    try:
        return model.from_dict(document)
    finally:
        holder[key] = kept
