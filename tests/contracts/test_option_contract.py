"""What holds for the options of every registered dataset, adapter and model."""

import json
import re
from typing import Any

import jsonschema
import pytest

from corpus import make_options, vary_options
from pipeline.adapters import adapters
from pipeline.components import Component
from pipeline.datasets import datasets
from pipeline.errors import OptionError
from pipeline.models import models

COMPONENTS: list[type[Any]] = [*datasets.classes.values(), *adapters.classes.values(), *models.classes.values()]
CONSTRAINTS = {"minimum", "exclusiveMinimum", "enum", "const", "pattern", "minLength"}

every_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)


def properties(component: type[Component]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = component.Options.model_json_schema()["properties"]
    return found


def is_constrained(schema: dict[str, Any]) -> bool:
    if schema["type"] == "array":
        return schema.keys() >= {"minItems", "maxItems"} and is_constrained(schema["items"])
    return schema["type"] in ("boolean", "null") or bool(CONSTRAINTS & schema.keys())


@every_component
def test_every_option_is_described(component: type[Component]) -> None:
    undescribed = [name for name, schema in properties(component).items() if not schema.get("description")]

    assert undescribed == []


@every_component
def test_every_option_is_constrained(component: type[Component]) -> None:
    for name, schema in properties(component).items():
        for branch in schema.get("anyOf", [schema]):
            assert is_constrained(branch), name


@every_component
def test_the_schema_needs_no_references(component: type[Component]) -> None:
    assert "$defs" not in component.Options.model_json_schema()


@every_component
def test_the_short_name_fits_into_a_label(component: type[Component]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", component.short_name)


@pytest.mark.parametrize("registry", [adapters, models, datasets], ids=lambda registry: registry.kind)
def test_short_names_are_unique(registry: Any) -> None:
    short_names = [component.short_name for component in registry.classes.values()]

    assert len(set(short_names)) == len(short_names)


@every_component
def test_an_unknown_option_is_refused_by_name(component: type[Component]) -> None:
    options = make_span_options(component) | {"sequence_lenght": 3}

    with pytest.raises(OptionError, match="sequence_lenght"):
        component(**options)


@every_component
def test_text_is_no_number(component: type[Component]) -> None:
    for name, schema in properties(component).items():
        if schema.get("type") in ("integer", "number"):
            with pytest.raises(OptionError, match=name):
                component(**(make_span_options(component) | {name: "3"}))
        if schema.get("type") == "array" and schema["items"]["type"] in ("integer", "number"):
            with pytest.raises(OptionError, match=name):
                component(**(make_span_options(component) | {name: ["3"] * schema["minItems"]}))


@every_component
def test_integers_given_for_fractions_become_fractions(component: type[Component]) -> None:
    for name, schema in properties(component).items():
        if schema.get("type") == "number" and schema.get("maximum", 0) >= 1:
            value = getattr(component(**(make_span_options(component) | {name: 1})).options, name)
            assert type(value) is float


@every_component
def test_every_choice_is_accepted_and_kept(component: type[Component]) -> None:
    for options in vary_options(component):
        if component.name in datasets.classes:
            options = make_span_options(component)
        made = component(**options)

        assert component(**made.options.model_dump()).options == made.options


@every_component
def test_options_are_dumped_as_json_values_that_their_schema_accepts(component: type[Component]) -> None:
    for options in vary_options(component):
        if component.name in datasets.classes:
            options = make_span_options(component)
        dumped = component(**options).options.model_dump()

        assert json.loads(json.dumps(dumped)) == dumped
        jsonschema.validate(dumped, component.Options.model_json_schema())


def make_span_options(component: type[Component]) -> dict[str, Any]:
    """Return the smallest options, with an end after the start."""
    options = make_options(component)
    return options | ({"end_datetime_str": "2017-1-1"} if "end_datetime_str" in options else {})
