"""Schemas that contain other schemas, and arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.lazy import np
from pipeline.serialisation.schema import Schema, Sizes, describe, match_size, refuse


@dataclass(frozen=True)
class Record(Schema):
    """An object with exactly these keys, checked in this order."""

    fields: Mapping[str, Schema]

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        check_keys(value, self.fields, path)
        for name, schema in self.fields.items():
            schema.check(value[name], join(path, name), sizes)


def check_keys(value: Any, names: Collection[str], path: str) -> None:
    """Refuse anything but an object whose keys are exactly `names`."""
    allowed = f"an object with the keys {', '.join(names)}"
    if not isinstance(value, dict):
        refuse(path, describe(value), allowed)
    if missing := [name for name in names if name not in value]:
        refuse(join(path, missing[0]), "nothing", allowed)
    if unknown := [key for key in value if key not in names]:
        refuse(path, f"the unknown key {str(unknown[0])[:40]!r}", allowed)


@dataclass(frozen=True)
class Dictionary(Schema):
    """An object with any keys and values of one schema each; `size` is the name of the number of entries."""

    keys: Schema
    values: Schema
    size: str | None = None

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        if not isinstance(value, dict):
            refuse(path, describe(value), "an object")
        match_size(self.size, len(value), path, sizes)
        if self.keys.fits_all([*value]) and self.values.fits_all([*value.values()]):
            return
        for position, (key, entry) in enumerate(value.items()):
            self.keys.check(key, f"{path}[{position}] (key)", sizes)
            self.values.check(entry, f"{path}[{position}]", sizes)


@dataclass(frozen=True)
class Listing(Schema):
    """A list of values of one schema; `size` is the name of its length; with `distinct`, no value occurs twice."""

    items: Schema
    size: str | None = None
    fewest: int = 0
    most: int = 2**31 - 1
    distinct: bool = False

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        if not isinstance(value, list) or not self.fewest <= len(value) <= self.most:
            refuse(path, describe(value), f"a list of {self.fewest} to {self.most}")
        match_size(self.size, len(value), path, sizes)
        if not self.items.fits_all(value):
            for position, item in enumerate(value):
                self.items.check(item, f"{path}[{position}]", sizes)
        if self.distinct and len(set(value)) < len(value):
            refuse(path, "one entry more than once", "every entry once")


@dataclass(frozen=True)
class Derived:
    """A dimension of an array, computed from named sizes; `meaning` says how, for messages."""

    meaning: str
    compute: Callable[[Sizes], int]


@dataclass(frozen=True)
class Array(Schema):
    """A numpy array of one shape and of one of some types, with finite numbers between two bounds, both included.

    A dimension is a number, the name of a size, or derived from sizes that come earlier in the document. For example,
    `Array("float32", ("words", 100))` has 100 numbers for each word.
    """

    dtype: str | tuple[str, ...]
    shape: tuple[int | str | Derived, ...]
    minimum: float | None = None
    maximum: float | None = None

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        form = ", ".join(
            size.meaning if isinstance(size, Derived) else str(sizes.get(str(size), size)) for size in self.shape
        )
        dtypes = (self.dtype,) if isinstance(self.dtype, str) else self.dtype
        allowed = f"a {' or '.join(dtypes)} array of shape ({form})"
        array = isinstance(value, np.ndarray)
        if not array or value.dtype not in map(np.dtype, dtypes) or value.ndim != len(self.shape):
            refuse(path, describe(value), allowed)
        for dimension, size in zip(self.shape, value.shape, strict=True):
            if isinstance(dimension, Derived):
                fits = dimension.compute(sizes) == size
            elif isinstance(dimension, str):
                fits = sizes.setdefault(dimension, size) == size
            else:
                fits = dimension == size
            if not fits:
                refuse(path, describe(value), allowed)
        self._check_range(value, path)

    def _check_range(self, value: Any, path: str) -> None:
        if value.size == 0:
            return
        low, high = value.min(), value.max()  # both are NaN if the array holds one
        if not (np.isfinite(low) and np.isfinite(high)):
            refuse(path, "a value that is not finite", "finite numbers")
        if self.minimum is not None and low < self.minimum:
            refuse(path, f"a value of {low:g}", f"values from {self.minimum:g}")
        if self.maximum is not None and high > self.maximum:
            refuse(path, f"a value of {high:g}", f"values up to {self.maximum:g}")


def join(path: str, name: str) -> str:
    """Return the path of an entry of the object at `path`."""
    return f"{path}.{name}" if path else name
