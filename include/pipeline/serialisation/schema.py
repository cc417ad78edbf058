"""What a document may hold: declared as a tree of parts, audited before anything is made from it.

A document is a tree of JSON values and numpy arrays, whatever encoding it was read from. Sizes that must agree
with one another have a name: the first part that carries the name sets it, later parts must match it.
Messages say how long a text is, never what it says, because words in a document may come from examples.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pipeline.errors import DocumentError
from pipeline.lazy import np

Sizes = dict[str, int]
"""The named sizes met so far."""

LARGEST = sys.float_info.max


class Part(ABC):
    """One place in a document, and what may stand there."""

    @abstractmethod
    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        """Pass, or refuse the value by its path; set or compare the named sizes.

        Raises:
            DocumentError: the value is not allowed here.
        """

    def fits_all(self, values: list[Any]) -> bool:  # noqa: ARG002 - for those that can tell
        """Return whether all of many values are surely allowed, told at once; if not, each is checked by itself."""
        return False


def audit(tree: Any, part: Part, path: str = "", sizes: Mapping[str, int] | None = None) -> None:
    """Check a whole document, or the part of it at `path`, against what may stand there.

    Args:
        sizes: named sizes that are known from elsewhere, such as from options.

    Raises:
        DocumentError: the first thing that is not allowed, by its path.
    """
    part.check(tree, path, dict(sizes or {}))


def refuse(path: str, found: str, allowed: str) -> NoReturn:
    """Raise the one error that documents are refused with."""
    raise DocumentError(path or "document", f"found {found}", f"allowed is {allowed}")


def describe(value: Any) -> str:
    """Say what a value is without repeating any text in it."""
    match value:
        case None:
            return "null"
        case bool() | float():
            return repr(value)
        case int():
            return str(value) if abs(value) < 10**20 else "an integer of more than 20 digits"
        case str():
            return f"a text of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} entries"
        case np.ndarray():
            return f"a {value.dtype} array of shape {value.shape}"
        case _:
            return f"a {type(value).__name__}"


def match_size(name: str | None, size: int, path: str, sizes: Sizes) -> None:
    """Set a named size, or refuse one that differs from what it was set to."""
    if name is not None and sizes.setdefault(name, size) != size:
        refuse(path, f"{size} {name}", f"{sizes[name]} {name}, as elsewhere in the document")


@dataclass(frozen=True)
class Text(Part):
    """A text that UTF-8 can hold; one of `choices` where there are any."""

    choices: tuple[str, ...] = ()
    longest: int = 100_000

    def check(self, value: Any, path: str, sizes: Sizes) -> None:  # noqa: ARG002
        if not isinstance(value, str) or len(value) > self.longest:
            refuse(path, describe(value), f"a text of at most {self.longest} characters")
        if self.choices and value not in self.choices:
            refuse(path, repr(value[:40]), f"one of {', '.join(self.choices)}")
        if not _is_unicode(value):
            refuse(path, "a text with half a surrogate pair", "a text that UTF-8 can hold")

    def fits_all(self, values: list[Any]) -> bool:
        texts = set(map(type, values)) <= {str} and max(map(len, values), default=0) <= self.longest
        return texts and not self.choices and _is_unicode("".join(values))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class Integer(Part):
    """An integer between two bounds, both included."""

    minimum: int = -(2**63)
    maximum: int = 2**63 - 1

    def check(self, value: Any, path: str, sizes: Sizes) -> None:  # noqa: ARG002
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            refuse(path, describe(value), f"an integer from {self.minimum} to {self.maximum}")

    def fits_all(self, values: list[Any]) -> bool:
        integers = set(map(type, values)) <= {int}
        return integers and (not values or (self.minimum <= min(values) and max(values) <= self.maximum))


@dataclass(frozen=True)
class Size(Part):
    """An integer from 1 that sets the size called `name`, or must be it."""

    name: str
    maximum: int = 2**31 - 1

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        Integer(1, self.maximum).check(value, path, sizes)
        match_size(self.name, value, path, sizes)


@dataclass(frozen=True)
class Number(Part):
    """A finite number between two bounds, both included; an integer is a number too."""

    minimum: float = -LARGEST
    maximum: float = LARGEST

    def check(self, value: Any, path: str, sizes: Sizes) -> None:  # noqa: ARG002
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.minimum <= value <= self.maximum:
            refuse(path, describe(value), f"a number from {self.minimum:g} to {self.maximum:g}")


@dataclass(frozen=True)
class Anything(Part):
    """A part that is audited elsewhere, such as by the class that another part names."""

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        """Pass."""
