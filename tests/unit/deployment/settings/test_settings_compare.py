"""What Airflow shows is compared as far as it shows it."""

from typing import Any

import pytest

from pipeline.deployment.settings.compare import Likeness, compare, compare_texts


@pytest.mark.parametrize(
    ("given", "shown", "likeness"),
    [
        ("a", "a", Likeness.SAME),
        ("a", None, Likeness.DIFFERENT),
        (1, 1.0, Likeness.DIFFERENT),
        (True, 1, Likeness.DIFFERENT),
        ("word", "***", Likeness.HIDDEN),
        (5, "***", Likeness.HIDDEN),
        ("http://u:word@h", "http://u:***@h", Likeness.HIDDEN),
        ("http://u:word@other", "http://u:***@h", Likeness.DIFFERENT),
        ({"a": 1, "password": "x"}, {"a": 1, "password": "***"}, Likeness.HIDDEN),
        ({"a": 2, "password": "x"}, {"a": 1, "password": "***"}, Likeness.DIFFERENT),
        ({"a": 1}, {"a": 1, "b": 2}, Likeness.DIFFERENT),
        ({}, {}, Likeness.SAME),
        ([1, "x"], [1, "x"], Likeness.SAME),
        ([1], [1, 2], Likeness.DIFFERENT),
    ],
)
def test_a_value_is_the_same_hidden_or_different(given: Any, shown: Any, likeness: Likeness) -> None:
    assert compare(given, shown) is likeness


@pytest.mark.parametrize(
    ("given", "shown", "likeness"),
    [
        ('{"a":1}', '{"a": 1}', Likeness.SAME),
        ("5", "5", Likeness.SAME),
        ("5", "5.0", Likeness.DIFFERENT),
        ("plain", "plain", Likeness.SAME),
        ("plain", None, Likeness.DIFFERENT),
        ("5", '"***"', Likeness.HIDDEN),
        ("", "", Likeness.SAME),
    ],
)
def test_texts_are_compared_by_what_they_mean_where_they_are_json(
    given: str, shown: str | None, likeness: Likeness
) -> None:
    assert compare_texts(given, shown) is likeness
