"""The JSON Schema of a plan, made from the classes' option schemas and the settings."""

import inspect
from collections.abc import Iterable
from typing import Any

from pipeline.components import Component
from pipeline.components.options import Option
from pipeline.plans import limits
from pipeline.plans.definition import SECTIONS
from pipeline.plans.settings import SETTINGS

DESCRIPTIONS = {
    "dataset": "Which examples train and which test.",
    "adapter": "What turns a text into numbers.",
    "model": "What learns to classify.",
    "exclude": "Rules that drop permutations, each by conditions that must all be met.",
}


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a whole plan."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Training plan",
        "type": "object",
        "properties": property_schemas() | {"$schema": {"type": "string", "maxLength": limits.LONGEST_ADDRESS}},
        **_keys([*property_schemas(), "$schema"], list(SECTIONS)),
    }


def property_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each key that a plan can have."""
    return {
        **{section: _section_schema(section) for section in SECTIONS},
        "exclude": _exclude_schema(),
        **{
            name: _join_null(option.schema) | {"description": option.description, "default": option.default}
            for name, option in SETTINGS.items()
        },
    }


def _join_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a number, a text or null with a list of its types, by which Airflow's form knows them."""
    known: list[dict[str, Any]] = schema.get("anyOf", [])
    types = [str(each.get("type")) for each in known]
    if types[-1:] != ["null"] or not {"integer", "number", "string"}.issuperset(types[:-1]):
        return schema
    if len(types) > 2:  # integers are numbers too
        return schema | {"type": ["number", "null"]}
    others = {name: value for name, value in schema.items() if name != "anyOf"}
    return others | known[0] | {"type": types}


def _section_schema(section: str) -> dict[str, Any]:
    block = _block_schema(section)
    return {
        "description": DESCRIPTIONS[section],
        "type": ["object", "array"],
        **_one_or_many(block, {"type": "array"}, limits.MOST_BLOCKS),
    }


def _block_schema(section: str) -> dict[str, Any]:
    """Return the JSON Schema of a block: its names, and for each name its options."""
    family = SECTIONS[section]
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "enum": list(family.classes)},
            "options": {"type": "object"},
        },
        **_keys(["name", "options"], ["name"], *(_class_schema(*item) for item in family.classes.items())),
    }


def _class_schema(name: str, component: type[Component]) -> dict[str, Any]:
    required = any(option.required for option in component.options_by_name().values())
    # if/then by name reports the one class meant; oneOf would report every class that was not
    return {
        "if": {"properties": {"name": {"const": name}}, "required": ["name"]},
        "then": {
            "description": _describe(component),
            "properties": {"options": _options_schema(component)},
            "allOf": [{"required": ["options"] if required else []}],
        },
    }


def _describe(component: type[Component]) -> str:
    """Return the first paragraph of a class's own docstring, as one line."""
    return " ".join(inspect.cleandoc(component.__doc__ or "").split("\n\n")[0].split())


def _options_schema(component: type[Component]) -> dict[str, Any]:
    options = component.options_by_name()
    return {
        "type": "object",
        "properties": {name: _values_schema(option) for name, option in options.items()},
        **_keys([*options], [name for name, option in options.items() if option.required]),
    }


def _values_schema(option: Option) -> dict[str, Any]:
    """Return the JSON Schema of an option in a plan: a list of values, or one value by itself."""
    default = {} if option.required else {"default": option.default}
    return {"description": option.description, **default, **_one_or_many(option.schema, _is_list(option))}


def _is_list(option: Option) -> dict[str, Any]:
    """Return the JSON Schema that distinguishes a list of an option's values from a single value."""
    if not option.takes_list:
        return {"type": "array"}
    return {"type": "array", "contains": {"type": ["array", "null"] if option.takes_null else "array"}}


def _one_or_many(schema: dict[str, Any], is_list: dict[str, Any], most: int = limits.MOST_VALUES) -> dict[str, Any]:
    # if/then/else reports what is wrong with a value; anyOf would only report that neither form fits
    then = {"allOf": [{"minItems": 1}, {"maxItems": most}], "items": schema}
    return {"if": is_list, "then": then, "else": schema}


def _keys(known: list[str], required: list[str], *more: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an object's JSON Schema that says which keys it may and must have.

    A validator's message shows the part of the schema that a value breaks. With `additionalProperties`, or with
    `required` next to the properties, that part would be the whole object with all its properties.
    """
    return {"propertyNames": {"enum": known}, "allOf": [{"required": required}, *more]}


def _exclude_schema() -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    for section, family in SECTIONS.items():
        conditions[f"{section}.name"] = _one_or_many(
            {"type": "string", "enum": list(family.classes)}, {"type": "array"}
        )
        for name, options in list_conditions(family.classes.values()).items():
            # classes may have options of one name with different values; a condition may have the values of any class
            known: list[dict[str, Any]] = []
            known += (option.schema for option in options if option.schema not in known)
            schema = known[0] if len(known) == 1 else {"anyOf": known}
            conditions[f"{section}.options.{name}"] = _one_or_many(schema, _is_list(options[0]))
    rule = {
        "type": "object",
        "properties": conditions,
        "propertyNames": {"enum": [*conditions]},
        "allOf": [{"minProperties": 1}],
    }
    bounds = {"allOf": [{"maxItems": limits.MOST_RULES}]}
    return {"type": "array", "description": DESCRIPTIONS["exclude"], "items": rule, **bounds, "default": []}


def list_conditions(classes: Iterable[type[Component]]) -> dict[str, list[Option]]:
    """Return the options of several classes by name: a rule can have a condition on each name."""
    found: dict[str, list[Option]] = {}
    for component in classes:
        for name, option in component.options_by_name().items():
            found.setdefault(name, []).append(option)
    return found
