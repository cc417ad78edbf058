"""Made-up examples, and every way to set up every class of a registry."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.components import Component
from pipeline.examples.example import ExampleSet

START = datetime(2016, 1, 1, tzinfo=UTC)
UNKNOWN_TEXTS = ["", "   ", "!?… --", "zzzzzz qqqqqq"]


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


def make_options(component: type[Component]) -> dict[str, Any]:
    """Return the smallest options that the class accepts: a value for each required option."""
    schema = component.Options.model_json_schema()
    return {name: _make_value(schema["properties"][name]) for name in schema.get("required", [])}


def vary_options(component: type[Component]) -> Iterator[dict[str, Any]]:
    """Yield the smallest options, then each choice of each option that has choices."""
    options = make_options(component)
    yield options
    for name, schema in component.Options.model_json_schema()["properties"].items():
        for choice in _list_choices(schema):
            yield options | {name: choice}


def _make_value(schema: dict[str, Any]) -> Any:
    if schema["type"] == "integer":
        return max(schema.get("minimum", 12), 12)
    if schema["type"] == "number":
        return 0.5
    examples = schema.get("examples", ["text"])
    return examples[0]


def _list_choices(schema: dict[str, Any]) -> list[Any]:
    if schema.get("type") == "boolean":
        return [True, False]
    choices = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
    for branch in schema.get("anyOf", []):
        choices += _list_choices(branch)
    return choices
