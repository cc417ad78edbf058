"""What holds for every registered model, in every way to set it up."""

from typing import Any

import numpy as np
import pytest

from corpus import make_examples, make_options, vary_options
from pipeline.adapters.base import Features
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
    """Return a model fitted on sixty rows, and forty others."""
    classifications = list(make_examples(60, classes=classes).classifications)
    fitted = model(**options).fit(make_features(model, classifications), classifications, seed=5)
    return fitted, make_features(model, list(make_examples(40, classes=classes).classifications), seed=1)


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
    assert sum(answer == truth for answer, truth in zip(answers, truths, strict=True)) > 20


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
    documents = {write_json(make_fitted(model, options, 3)[0].to_dict()) for _ in range(2)}

    assert len(documents) == 1


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

    for name in document:
        with pytest.raises(DocumentError, match=f"model.{name}: found nothing"):
            model.from_dict({key: value for key, value in document.items() if key != name})


@every_setup
def test_arrays_of_any_other_shape_are_refused(model: type[Model], options: dict[str, Any]) -> None:
    document = make_fitted(model, options, 3)[0].to_dict()
    arrays = {name: value for name, value in document.items() if isinstance(value, np.ndarray)}

    assert arrays
    for name, array in arrays.items():
        for changed in (array[:-1], array[:0], array[None], array.astype(">f8"), np.full_like(array, -(2**31))):
            if changed.dtype.kind == "f" and changed.shape == array.shape and changed.dtype == array.dtype:
                continue  # other finite weights are a model too
            with pytest.raises(DocumentError, match="model"):
                model.from_dict(document | {name: changed})


@every_setup
def test_not_a_number_is_refused_anywhere(model: type[Model], options: dict[str, Any]) -> None:
    document = make_fitted(model, options, 3)[0].to_dict()

    for name, array in document.items():
        if isinstance(array, np.ndarray) and array.dtype.kind == "f":
            broken = array.copy()
            broken.flat[-1] = np.nan
            with pytest.raises(DocumentError, match=rf"model.{name}: found a value that is not finite"):
                model.from_dict(document | {name: broken})
