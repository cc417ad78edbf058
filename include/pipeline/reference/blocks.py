"""A small valid block for any class, made from its option schemas."""

import json
from typing import Any

from pipeline.components import Component

WIDTH = 100


def make_block(component: type[Component]) -> dict[str, Any]:
    """Return a class's block of a plan: its name, and one value for each option that has no default."""
    options = {
        name: [_make_value(option.schema)] for name, option in component.options_by_name().items() if option.required
    }
    return {"name": component.name} | ({"options": options} if options else {})


def _make_value(schema: dict[str, Any]) -> Any:
    """Return the first example of a schema, or a value in its range if it has no example."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _make_value(schema["anyOf"][0])
    match schema.get("type"):
        case "integer":
            return _make_integer(schema)
        case "number":
            return _make_number(schema)
        case "array":
            return [_make_value(schema.get("items", {}))] * schema.get("minItems", 1)
        case "boolean":
            return True
        case "string":
            return "text"
    return None


def _make_integer(schema: dict[str, Any]) -> int:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
    return int(max(low, min(100, high)))


def _make_number(schema: dict[str, Any]) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = 0 if high is None else high - 1
    return float(low + (min(high, low + 1) if high is not None else low + 1)) / 2


def format_json(value: Any, depth: int = 0, before: int = 0) -> str:
    """Return JSON as people write it: a value that fits on one line is on one line.

    Args:
        value: the JSON value.
        depth: how many objects and lists the value is inside of.
        before: how many characters are before it on its line.
    """
    text = json.dumps(value, ensure_ascii=False)
    if before + len(text) <= WIDTH or not isinstance(value, dict | list):
        return text
    inner = "  " * (depth + 1)
    keys = (
        [f"{json.dumps(key, ensure_ascii=False)}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    )
    values = value.values() if isinstance(value, dict) else value
    lines = [
        f"{inner}{key}{format_json(each, depth + 1, len(inner) + len(key))}"
        for key, each in zip(keys, values, strict=True)
    ]
    return f"{text[0]}\n" + ",\n".join(lines) + f"\n{'  ' * depth}{text[-1]}"
