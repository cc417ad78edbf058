"""Where two documents differ, without showing what was learnt."""

from typing import Any

import numpy as np
import pytest

from pipeline.serialisation.differences import find_differences

ROW = np.array([1.0, 2.0, float("nan")])


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2.0], "a": 1.0}, []),
        ({"a": ROW}, {"a": ROW.copy()}, []),
        (
            {"a": {"b": ROW}},
            {"a": {"b": np.array([1.0, 2.5, float("nan")])}},
            ["a.b: 1 of 3 numbers differ, by at most 0.5"],
        ),
        ({"a": ROW}, {"a": ROW[:2]}, ["a: float64 of shape (3,) then, float64 of shape (2,) now"]),
        ({"a": np.array([0.0])}, {"a": np.array([-0.0])}, ["a: equal numbers in other bits"]),
        ({"a": ["one", "two"]}, {"a": ["one", "three"]}, ["a: 1 of 2 entries differ"]),
        ({"a": ["one"]}, {"a": []}, ["a: 1 entries then, 0 now"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ["a[1].b: 2 then, 3 now"]),
        ({"a": "one"}, {"a": "two"}, ["a: another text"]),
        ({"libraries": {"numpy": "1"}}, {"libraries": {"numpy": "2"}}, ["libraries.numpy: 1 then, 2 now"]),
        ({"a": 1}, {"b": 1}, ["a: is no longer there", "b: is new"]),
        ({"a": 1}, {"a": "1"}, ["a: has another type"]),
        ({"a": True}, {"a": 1}, ["a: has another type"]),
    ],
)
def test_every_difference_is_told_once_with_its_place(then: Any, now: Any, told: list[str]) -> None:
    assert [str(each) for each in find_differences(then, now)] == told
