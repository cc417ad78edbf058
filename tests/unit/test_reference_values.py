"""What a JSON Schema allows, in words."""

from typing import Any

import pytest

from pipeline.reference.values import describe_values, show_number, show_value


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 100}, "integer, 1 to 100"),
        ({"type": "integer", "minimum": 1}, "integer, at least 1"),
        ({"type": "integer"}, "integer"),
        ({"type": "integer", "multipleOf": 8, "maximum": 64}, "integer, at most 64, a multiple of 8"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1e9}, "number, above 0, at most 1e9"),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "number, above 0, below 1"),
        ({"type": "number", "minimum": 1e-10, "maximum": 1.0}, "number, 1e-10 to 1"),
        ({"type": "boolean"}, "`true` or `false`"),
        ({"type": "string", "enum": ["a", "b", "null"]}, '`a`, `b` or `"null"`'),
        ({"const": "only"}, "`only`"),
        ({"type": "string"}, "text"),
        ({"type": "string", "pattern": "^a|b$"}, "text matching `^a|b$`"),
        ({"type": "string", "pattern": "^`$"}, "text matching ``^`$``"),
        ({"type": "string", "pattern": "x", "examples": ["2016-1-1"]}, "text such as `2016-1-1`"),
        ({"type": "string", "format": "date", "maxLength": 10}, "text in the form `date`, up to 10 characters"),
        ({"type": "string", "minLength": 1}, "text, 1 or more characters"),
        (
            {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 5}, "minItems": 2, "maxItems": 2},
            "list of 2 integers, 1 to 5",
        ),
        ({"type": "array", "items": {"type": "string", "pattern": "x"}}, "list of texts matching `x`"),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}, "list of up to 3 values, each `a` or `b`"),
        (
            {"type": "array", "items": {"type": "number"}, "minItems": 1, "uniqueItems": True},
            "list of 1 or more numbers, none twice",
        ),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}, "list of 1 to 3 integers"),
        ({"type": "array"}, "list"),
        ({"type": "object"}, "object"),
        ({"type": "object", "examples": [{"name": "a"}]}, 'object such as `{"name": "a"}`'),
        (
            {
                "type": "array",
                "items": {"if": {"type": "string"}, "then": {"enum": ["a", "b"]}, "else": {"type": "object"}},
            },
            "list, each `a`, `b` or an object",
        ),
        (
            {
                "type": ["string", "object"],
                "if": {"type": "string"},
                "then": {"const": "a"},
                "else": {"type": "object"},
            },
            "`a` or an object",
        ),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}]}, "list of 2: integer; `null`"),
        ({"anyOf": [{"const": "balanced"}, {"type": "null"}]}, "`balanced` or `null`"),
        (
            {"anyOf": [{"enum": ["scale", "auto"]}, {"type": "number", "exclusiveMinimum": 0}]},
            "`scale`, `auto` or a number above 0",
        ),
        (
            {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"type": "null"}]},
            "`null` or a number above 0 and at most 1",
        ),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "minimum": 1}, "`null` or an integer of at least 1"),
        ({"type": ["integer", "null"], "minimum": 1, "maximum": 9}, "`null` or an integer from 1 to 9"),
        (
            {"oneOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]},
            "a list of integers or a text",
        ),
        ({}, "any JSON value"),
    ],
    ids=str,
)
def test_a_schema_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert describe_values(schema) == words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10_000, "10,000"),
        (-1e9, "-1e9"),
        (1e-10, "1e-10"),
        (0.5, "0.5"),
        (1.0, "1"),
        (2**31 - 1, "2,147,483,647"),
        (2147483647.0, "2147483647.0"),
        (1e5, "100,000"),
        (1e-05, "1e-5"),
    ],
)
def test_a_number_is_short_and_exact(number: float, text: str) -> None:
    assert show_number(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("rbf", "rbf"),
        ("", '""'),
        ("1", '"1"'),
        ("null", '"null"'),
        (None, "null"),
        ([1, 1], "[1, 1]"),
        (0.001, "0.001"),
    ],
)
def test_a_text_that_looks_like_another_value_keeps_its_quotes(value: Any, text: str) -> None:
    assert show_value(value) == text
