"""What models' options say of when they change something is true."""

from typing import Any

import numpy as np
import pytest

from corpus import make_examples, make_options
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.models import models
from pipeline.options import Option

CONDITIONAL = [
    (component, option)
    for component in models.classes.values()
    for option in component.options_by_name().values()
    if option.active_when
]

EXAMPLES = make_examples(classes=3)
FEATURES = TfidfAdapter(**make_options(TfidfAdapter)).fit(EXAMPLES.texts).transform(EXAMPLES.texts)

every_conditional_option = pytest.mark.parametrize(
    ("component", "option"), CONDITIONAL, ids=[f"{component.name}.{option.name}" for component, option in CONDITIONAL]
)


def test_some_options_are_conditional() -> None:
    assert CONDITIONAL


@every_conditional_option
def test_conditions_name_options_of_the_class_and_values_that_they_take(component: Any, option: Option) -> None:
    known = component.options_by_name()
    for condition in option.active_when:
        assert condition.values
        assert [known[condition.option].parse(value) for value in condition.values] == list(condition.values)


@every_conditional_option
def test_an_inactive_option_changes_nothing_and_an_active_one_something(component: Any, option: Option) -> None:
    assert len(list_two(option)) == 2
    (condition,) = option.active_when
    switch = component.options_by_name()[condition.option]
    for choice in switch.choices:
        predictions = [predict(component, {condition.option: choice, option.name: value}) for value in list_two(option)]
        if choice not in condition.values:
            assert predictions[0] == predictions[1]
    active = [
        [predict(component, {condition.option: choice, option.name: value}) for value in list_two(option)]
        for choice in condition.values
    ]
    assert any(one != other for one, other in active)


def predict(component: Any, options: dict[str, Any]) -> list[str]:
    model = component(**(make_options(component) | options)).fit(FEATURES, EXAMPLES.classifications)
    noise = np.random.default_rng(0).normal(size=(500, FEATURES.shape[1])).astype(np.float32)
    return list(model.predict(noise))


def list_two(option: Option) -> list[Any]:
    """Return two values of an option that are far apart: its default, and one that is tried in turn until it fits."""
    opposite = [not option.default] if type(option.default) is bool else []
    candidates = (7, 25.0, 1e-3, 0.4, *opposite, *option.choices)
    others = [value for value in candidates if option.default != value and takes(option, value)]
    return [option.default, *others[:1]]


def takes(option: Option, value: Any) -> bool:
    try:
        option.parse(value)
    except ValueError:
        return False
    return True
