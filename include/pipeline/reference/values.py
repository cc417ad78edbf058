"""The values that a JSON Schema allows, in words for people."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.plans.wording import count_of, join
from pipeline.reference.markdown import code

NOUNS = {"integer": "integer", "number": "number", "string": "text"}


def describe_values(schema: dict[str, Any]) -> str:
    """Return what a value may be, as Markdown: `integer, 1 to 100`, or `text matching …`."""
    branches = list(_list_branches(schema))
    words = [code(show_value(word)) for branch in branches for word in _list_words(branch)]
    others = [branch for branch in branches if not _list_words(branch)]
    if not words and len(others) == 1:
        return _describe_type(others[0])
    return join([*words, *map(_describe_alternative, others)], " or ")


def show_value(value: Any) -> str:
    """Return a JSON value for people: a text without quotes, unless it would then look like a value of another type."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        json.loads(value)
    except ValueError:
        return value or '""'
    return json.dumps(value)


def show_number(number: float) -> str:
    """Return a number for people: `10,000`, `0.5`, `1e9`."""
    if isinstance(number, int) or (number.is_integer() and abs(number) < 1e6):
        return f"{int(number):,}"
    short = f"{number:g}"
    text = short if float(short) == number else repr(number)
    return re.sub(r"e\+?(-?)0*(\d)", r"e\1\2", text)


def _list_branches(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of a schema, each with what the schema requires of all of them."""
    shared = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        for branch in branches:
            yield from _list_branches(shared | branch)
    elif schema.keys() >= {"if", "then", "else"}:  # the condition distinguishes the types of a value
        yield from _list_branches(schema["then"])
        yield from _list_branches(schema["else"])
    elif isinstance(schema.get("type"), list):
        yield from (shared | {"type": each} for each in schema["type"])
    else:
        yield shared


def _list_words(schema: dict[str, Any]) -> list[Any]:
    """Return the values of a schema that lists them, or an empty list for any other schema."""
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema:
        return list(schema["enum"])
    few: dict[Any, list[Any]] = {"boolean": [True, False], "null": [None]}
    return few.get(schema.get("type"), [])


def _describe_type(schema: dict[str, Any]) -> str:
    """Return a schema of one type by itself: `number, above 0, at most 1e9`."""
    kind = schema.get("type")
    if kind in NOUNS:
        return NOUNS[kind] + _describe_limits(schema)
    if kind == "array":
        return _describe_list(schema)
    if kind == "object":
        return f"object{_describe_examples(schema)}"
    return str(kind or "any JSON value")


def _describe_alternative(schema: dict[str, Any]) -> str:
    """Return a schema of one type as a part of a sentence: `a number above 0 and at most 1e9`."""
    kind = schema.get("type")
    if kind not in ("integer", "number"):
        return f"a{'n' * (kind == 'object')} {_describe_type(schema)}"
    bounds = " and ".join(_list_bounds(schema))
    link = "from " if " to " in bounds else "of " if bounds.startswith("at ") else ""
    return f"a{'n' * (kind == 'integer')} {kind} {link}{bounds}".rstrip()


def _describe_limits(schema: dict[str, Any]) -> str:
    """Return the limits of a number or a text, which follow its noun in the singular or plural: `, 1 to 100`."""
    if schema["type"] == "string":
        return _describe_form(schema)
    return "".join(f", {bound}" for bound in _list_bounds(schema))


def _list_bounds(schema: dict[str, Any]) -> list[str]:
    names = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
    bounds = [f"{said} {show_number(schema[key])}" for key, said in names.items() if key in schema]
    if schema.keys() & names.keys() == {"minimum", "maximum"}:
        bounds = [f"{show_number(schema['minimum'])} to {show_number(schema['maximum'])}"]
    return bounds + ([f"a multiple of {show_number(schema['multipleOf'])}"] if "multipleOf" in schema else [])


def _describe_form(schema: dict[str, Any]) -> str:
    """Return the form of a text: its examples if the schema has some, else its pattern."""
    form = _describe_examples(schema)
    if not form and "pattern" in schema:
        form = f" matching {code(schema['pattern'])}"
    elif not form and "format" in schema:
        form = f" in the form {code(schema['format'])}"
    count = _describe_count("character", schema.get("minLength"), schema.get("maxLength"))
    return form + (f", {count}" if count else "")


def _describe_examples(schema: dict[str, Any]) -> str:
    examples = [each if isinstance(each, str) else show_value(each) for each in schema.get("examples", [])]
    return f" such as {join(map(code, examples), ' or ')}" if examples else ""


def _describe_list(schema: dict[str, Any]) -> str:
    """Return what a list must be like: `list of 2 integers, 1 to 5`."""
    distinct = ", none twice" if schema.get("uniqueItems") else ""
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])}: {'; '.join(map(describe_values, schema['prefixItems']))}"
    items, low, high = schema.get("items") or {}, schema.get("minItems"), schema.get("maxItems")
    if str(items.get("type")) in NOUNS and not _list_words(items):
        noun = NOUNS[items["type"]]
        return f"list of {_describe_count(noun, low, high) or f'{noun}s'}{_describe_limits(items)}{distinct}"
    count = _describe_count("value", low, high)
    each = f", each {describe_values(items)}" if items else ""
    return f"list{f' of {count}' if count else ''}{each}{distinct}"


def _describe_count(noun: str, low: int | None, high: int | None) -> str:
    """Return how many there must be: `2 integers`, `1 to 3 integers`, `up to 3 integers`, "" for any number."""
    if high is None:
        return f"{low:,} or more {noun}s" if low else ""
    if low == high:
        return count_of(high, noun)
    return f"{f'{low:,} to' if low else 'up to'} {count_of(high, noun)}"
