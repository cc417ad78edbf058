"""Where two documents differ, in paths and numbers: what a model has learnt, such as words, is not shown."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pipeline.lazy import np

_SHOWN: Final = 60
"""Longer values are not shown."""


class Difference(NamedTuple):
    """A place at which two trees differ, as `model.learnt.coef`, and how they do."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


def find_differences(then: Any, now: Any, path: str = "") -> Iterator[Difference]:
    """Yield the places at which two trees of JSON values and arrays differ, each array and list of values once.

    Texts are shown only below `libraries`, where they are versions. Numbers of equal value are equal, so `1` is `1.0`.
    """
    if isinstance(then, dict) and isinstance(now, dict):
        for key in [*then, *(key for key in now if key not in then)]:
            inside = f"{path}.{key}" if path else str(key)
            if key in then and key in now:
                yield from find_differences(then[key], now[key], inside)
            else:
                yield Difference(inside, "is new" if key in now else "is no longer there")
    elif isinstance(then, list) and isinstance(now, list):
        yield from _compare_lists(then, now, path)
    elif isinstance(then, np.ndarray) and isinstance(now, np.ndarray):
        yield from _compare_arrays(then, now, path)
    elif type(then) is not type(now) and not (_is_number(then) and _is_number(now)):
        yield Difference(path, "has another type")
    elif then != now:
        yield Difference(path, _describe(then, now, path))


def _compare_lists(then: list[Any], now: list[Any], path: str) -> Iterator[Difference]:
    if len(then) != len(now):
        yield Difference(path, f"{len(then):,} entries then, {len(now):,} now")
    elif any(isinstance(each, dict | list | np.ndarray) for each in then):
        for number, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from find_differences(one, other, f"{path}[{number}]")
    elif count := sum(one != other for one, other in zip(then, now, strict=True)):
        yield Difference(path, f"{count:,} of {len(then):,} entries differ")


def _compare_arrays(then: Any, now: Any, path: str) -> Iterator[Difference]:
    if (then.shape, then.dtype) != (now.shape, now.dtype):
        yield Difference(path, f"{then.dtype} of shape {then.shape} then, {now.dtype} of shape {now.shape} now")
        return
    if then.tobytes() == now.tobytes():
        return
    numbers = then.dtype.kind in "fiu"
    differs = then != now
    if then.dtype.kind == "f":
        differs &= ~(np.isnan(then) & np.isnan(now))
    count = int(differs.sum())
    told = f"{count:,} of {then.size:,} numbers differ"
    if numbers and count:
        told += f", by at most {float(np.abs(then.astype(float) - now.astype(float))[differs].max()):.3g}"
    yield Difference(path, told if count else "equal numbers in other bits")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _describe(then: Any, now: Any, path: str) -> str:
    if isinstance(then, str) and "libraries." not in path:
        return "another text"
    return f"{str(then)[:_SHOWN]} then, {str(now)[:_SHOWN]} now"
