"""The JSON Schema of a plan's sections, made from the classes' option schemas."""

from typing import Any

from pipeline.components import Component
from pipeline.plans.definition import SECTIONS

EXAMPLE_PLAN: dict[str, Any] = {
    "dataset": {
        "name": "SpanDataset",
        "options": {
            "start_datetime_str": ["1993-4-1"],
            "end_datetime_str": ["1993-4-24"],
            "training_ratio": [0.8],
        },
    },
    "adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100]}},
    "model": {
        "name": "scikit_model_svm",
        "options": {"kernel": ["rbf"], "degree": [3, 4], "tolerance": [1e-3]},
    },
}
"""Four definitions over the demo's examples: what the trigger form shows before anything is typed."""


DESCRIPTIONS = {
    "dataset": "Which examples train and which test. Every option is a list of values to try.",
    "adapter": "What turns a text into numbers. Every option is a list of values to try.",
    "model": "What learns to classify. Every option is a list of values to try.",
}


def section_schema(section: str) -> dict[str, Any]:
    """Return the JSON Schema of one section: its names, and for each name its options, each a list."""
    registry = SECTIONS[section]
    return {
        "type": "object",
        "description": DESCRIPTIONS[section],
        "properties": {
            "name": {"type": "string", "enum": list(registry.classes)},
            "options": {"type": "object"},
        },
        "required": ["name"],
        "additionalProperties": False,
        # if/then by name reports the one class meant; oneOf would report every class that was not
        "allOf": [
            {
                "if": {"properties": {"name": {"const": name}}, "required": ["name"]},
                "then": {"properties": {"options": options}, "required": ["options"] if options["required"] else []},
            }
            for name, component in registry.classes.items()
            for options in [_options_schema(component)]
        ],
    }


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a whole plan."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Training plan",
        "type": "object",
        "properties": {section: section_schema(section) for section in SECTIONS},
        "required": list(SECTIONS),
        "additionalProperties": False,
    }


def _options_schema(component: type[Component]) -> dict[str, Any]:
    options = component.Options.model_json_schema()
    return {
        "type": "object",
        "properties": {
            name: {
                "type": "array",
                "minItems": 1,
                "description": schema.get("description", ""),
                "items": {key: value for key, value in schema.items() if key not in ("default", "description")},
            }
            for name, schema in options["properties"].items()
        },
        "required": options.get("required", []),
        "additionalProperties": False,
    }
