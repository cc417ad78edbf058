"""Made-up examples, and every way to set up every class of a registry."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.components import Component
from pipeline.examples.example import ExampleSet
from pipeline.models import models
from pipeline.models.base import Model

START = datetime(2016, 1, 1, tzinfo=UTC)
NO_WORDS = ["", "   ", "!?… --"]
UNKNOWN_TEXTS = [*NO_WORDS, "zzzzzz qqqqqq"]


def make_examples(count: int = 60, *, classes: int = 3, seed: int = 0) -> ExampleSet:
    """Return examples a minute apart; every class has five words of its own, and all share five."""
    draw = random.Random(seed)  # noqa: S311
    texts, classifications = [], []
    for number in range(count):
        classification = number % classes
        own = [f"{'abcdef'[classification]}word{draw.randrange(5)}" for _ in range(8)]
        shared = [f"shared{draw.randrange(5)}" for _ in range(6)]
        words = own + shared
        draw.shuffle(words)
        texts.append(" ".join(words))
        classifications.append(f"class {'ABCDEF'[classification]}")
    moments = [START + timedelta(minutes=number) for number in range(count)]
    return ExampleSet(texts, classifications, moments, [number.to_bytes(4) for number in range(count)])


def list_pairs() -> list[tuple[type[Adapter], type[Model]]]:
    """Return every adapter with every model that takes what it gives."""
    return [
        (adapter, model)
        for adapter in adapters.classes.values()
        for model in models.classes.values()
        if model.takes_negative or not adapter(**make_options(adapter)).gives_negative
    ]


def make_options(component: type[Component]) -> dict[str, Any]:
    """Return the smallest options that the class accepts: a value for each required option."""
    schema = component.Options.model_json_schema()
    return {name: _make_value(schema["properties"][name]) for name in schema.get("required", [])}


def make_small(component: type[Component]) -> dict[str, Any]:
    """Return options under which the class learns little and fast; those of its defaults are tested by themselves."""
    small = {
        "n_features": 256,
        "bucket": 300,
        "vector_size": 8,
        "n_estimators": 5,
        "hidden_layer_sizes": [8],
        "max_depth": 6,
        "max_bins": 16,
    }
    return make_options(component) | {name: value for name, value in small.items() if name in component.Options.names()}


def vary_options(component: type[Component]) -> Iterator[dict[str, Any]]:
    """Yield the smallest options, then each choice of each option that has choices or is a list."""
    options = make_options(component)
    yield options
    for name, schema in component.Options.model_json_schema()["properties"].items():
        for choice in _list_choices(schema):
            yield options | {name: choice}


def _make_value(schema: dict[str, Any]) -> Any:
    if schema["type"] == "integer":
        return max(schema.get("minimum", 12), min(12, schema.get("maximum", 12)))
    if schema["type"] == "number":
        return 0.5
    if schema["type"] == "array" and "examples" not in schema:
        return [_make_value(schema["items"])] * schema.get("minItems", 1)
    examples = schema.get("examples", ["text"])
    return examples[0]


def _list_choices(schema: dict[str, Any]) -> list[Any]:
    if schema.get("type") == "boolean":
        return [True, False]
    if schema.get("type") == "array" and "examples" in schema:
        return list(schema["examples"])
    if schema.get("type") == "array":
        return _list_arrays(schema["items"], schema.get("minItems", 1))
    choices = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
    for branch in schema.get("anyOf", []):
        choices += _list_choices(branch)
    return choices


def _list_arrays(items: dict[str, Any], count: int) -> list[list[Any]]:
    """Return every array of `count` choices in their order; a number may be its lowest or its highest value."""
    choices = _list_choices(items) or ([items["minimum"], items["maximum"]] if "minimum" in items else ["a", "b"])
    return [list(chosen) for chosen in combinations_with_replacement(choices, count)]
