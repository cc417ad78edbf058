"""What models' options say of when they change something is true."""

from typing import Any

import numpy as np
import pytest

from corpus import make_examples, make_options
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.options import Option
from pipeline.models import models

CONDITIONAL = [
    (component, option)
    for component in models.classes.values()
    for option in component.options_by_name().values()
    if option.active_when
]

EXAMPLES = make_examples(classes=3)
FEATURES = TfidfAdapter(**make_options(TfidfAdapter)).fit(EXAMPLES.texts).transform(EXAMPLES.texts)

# Only where training gets no better it ends after so many rounds; by this tolerance it does not.
SHOWN_WITH: dict[str, dict[str, Any]] = {"scikit_model_mlp.n_iter_no_change": {"tolerance": 1.0}}

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
    switch, others = (
        component.options_by_name()[condition.option],
        SHOWN_WITH.get(f"{component.name}.{option.name}", {}),
    )

    def predict_two(choice: Any) -> list[list[str]]:
        return [
            predict(component, others | {condition.option: choice, option.name: value}) for value in list_two(option)
        ]

    for choice in switch.choices:
        if choice not in condition.values:
            one, other = predict_two(choice)
            assert one == other
    active = [predict_two(choice) for choice in condition.values]
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
