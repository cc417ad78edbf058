"""Plans damaged in every way that JSON allows."""

import json
import random
from collections.abc import Callable
from typing import Any

Place = tuple[Any, Any]
"""A list or an object of a plan, and an index or a key in it."""

DEEPEST = 6  # below a section's block, its options, their values, and the lists among these


def _nest(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


ODD_VALUES: list[Any] = [
    None, True, False, [True], -1, 0, 1, 2, 3.0, -0.0, 0.5, 1e-3, 5e-324, 1e308, -1e308, float("inf"), float("nan"),
    2**31, 2**53 + 1, 2**64, -(2**63), 10**400, [], {}, [[]], [{}], [None], {"": None}, [1, 2, 3], [[1, 2]],
    [[1, 1], [1, 2]], [1, [1, 2]], [3, 3.0], ["rbf", "poly"], [{"name": "TfidfAdapter"}],
]  # fmt: skip
WORDS = [
    "", " ", "\0", "a\0b", "\ud800", "é", "e\u0301", "\u202e", "default\n", "2016-1-1\t\n", "2016-2-30", "1e3", "null",
    ".", "name", "options", "model", "model.name", "model.options.kernel", "dataset.options.", "kernel", "C", "sample",
]  # fmt: skip
LONG = ["x" * 50_000, "2016-1-1" * 5_000, "é\ud800" * 5_000]
LARGE = [
    10**5_000,
    list(range(1, 1_200)),
    [[]] * 40,
    _nest(300, lambda value: [value]),
    _nest(300, lambda value: {"name": value}),
    _nest(20_000, lambda value: [value]),
]
JUNK = [*ODD_VALUES, *WORDS, *LONG, *LARGE]


def _replace(place: Place, new: Any, _: str) -> None:
    container, key = place
    container[key] = new


def _delete(place: Place, _: Any, __: str) -> None:
    container, key = place
    del container[key]


def _duplicate(place: Place, _: Any, key: str) -> None:
    container, where = place
    if isinstance(container, list):
        container.insert(where, container[where])
    else:
        container[key] = container[where]


def _insert(place: Place, new: Any, key: str) -> None:
    container, where = place
    if isinstance(container, list):
        container.insert(where, new)
    else:
        container[key] = new


def _wrap(place: Place, _: Any, __: str) -> None:
    container, key = place
    container[key] = [container[key]]


def _unwrap(place: Place, _: Any, __: str) -> None:
    container, key = place
    if isinstance(container[key], list) and container[key]:
        container[key] = container[key][-1]


def _retype(place: Place, _: Any, key: str) -> None:
    """Write a value as what it is nearly, or what Python takes it for."""
    container, where = place
    old = container[where]
    others: list[Any] = [None, "3", [old], {"name": old}]
    if isinstance(old, bool):
        others += [int(old), float(old)]
    elif isinstance(old, int | float):
        others += [bool(old), True, False, -old, 10**30]
        others += [float(old)] if abs(old) < 2**53 else []
    elif isinstance(old, str):
        others += [f" {old}\t", old.upper(), f"{old}T9:30", old * 50]
    elif isinstance(old, list):
        others += [[*old, True], [*old, *old], old * 3_000]
    container[where] = others[len(key) % len(others)]


def _misspell(place: Place, _: Any, key: str) -> None:
    container, where = place
    if isinstance(container, dict):
        container[f"{where[1:]}{key[:1]}"] = container.pop(where)


MUTATIONS = [_replace, _replace, _delete, _duplicate, _insert, _wrap, _unwrap, _retype, _misspell]


def damage(plan: str, draw: random.Random) -> Any:
    """Return the plan of a text with one to three mutations done to it."""
    root = {"plan": json.loads(plan)}
    for _ in range(draw.choice([1, 1, 2, 3])):
        if places := _list_places(root):
            some = draw.choice(places) if draw.random() < 0.3 else None
            new = _copy(draw.choice(JUNK) if some is None else some[0][some[1]])
            draw.choice(MUTATIONS)(draw.choice(places), new, draw.choice([*WORDS, *LONG]))
    return root.get("plan")


def _copy(value: Any, depth: int = 0) -> Any:
    """Return a value that can be changed down to where places are looked for."""
    if depth > DEEPEST or not isinstance(value, list | dict):
        return value
    if isinstance(value, list):
        return [_copy(each, depth + 1) for each in value]
    return {key: _copy(each, depth + 1) for key, each in value.items()}


def _list_places(value: Any, depth: int = 0) -> list[Place]:
    if depth > DEEPEST or not isinstance(value, list | dict):
        return []
    inside = [*enumerate(value)] if isinstance(value, list) else [*value.items()]
    here = [(value, key) for key, _ in inside[:30]]
    return here + [place for _, each in inside[:30] for place in _list_places(each, depth + 1)]
