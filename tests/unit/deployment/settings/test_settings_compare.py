"""What Airflow shows is compared as far as it shows it."""

from typing import Any

import pytest

from pipeline.deployment.settings.apply import compare


@pytest.mark.parametrize(
    ("given", "shown", "likeness"),
    [
        ("a", "a", "same"),
        ("a", None, "different"),
        (1, 1.0, "different"),
        (True, 1, "different"),
        ("word", "***", "hidden"),
        (5, "***", "hidden"),
        ("http://u:word@h", "http://u:***@h", "hidden"),
        ("http://u:word@other", "http://u:***@h", "different"),
        ({"a": 1, "password": "x"}, {"a": 1, "password": "***"}, "hidden"),
        ({"a": 2, "password": "x"}, {"a": 1, "password": "***"}, "different"),
        ({"a": 1}, {"a": 1, "b": 2}, "different"),
        ({}, {}, "same"),
        ([1, "x"], [1, "x"], "same"),
        ([1], [1, 2], "different"),
        ('{"a":1}', '{"a": 1}', "same"),
        ("5", "5", "same"),
        ("5", "5.0", "different"),
        ("plain", "plain", "same"),
        ("plain", None, "different"),
        ("5", '"***"', "hidden"),
        ("", "", "same"),
    ],
)
def test_a_value_is_the_same_hidden_or_different(given: Any, shown: Any, likeness: str) -> None:
    assert compare(given, shown) == likeness
