"""Checks a class from another distribution before anything else uses it."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.components.options import OptionSchema

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_SHORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SHORT_NAME = 40


def check_class(member: Any, base: type[Any], distribution: str, taken: Mapping[str, type[Any]]) -> None:
    """Refuse what an entry point loads, unless it is a complete class of a family.

    Args:
        member: what the entry point loads.
        base: the base class of the family.
        distribution: the name of the distribution that declares the entry point.
        taken: the classes that are registered already, by name.

    Raises:
        TypeError: it is not a subclass of `base`, or lacks a method, an attribute or a schema of its options.
        ValueError: what it declares is invalid.
    """
    if not _is_subclass(member, base):
        raise TypeError(f"not a subclass of {base.__module__}.{base.__name__}")
    if inspect.isabstract(member):
        raise TypeError(f"it lacks {', '.join(sorted(member.__abstractmethods__))}")
    if missing := [name for name in _list_attributes(member, base) if not hasattr(member, name)]:
        raise TypeError(f"it lacks {', '.join(missing)}")
    if not _NAME.fullmatch(member.name):
        raise ValueError(f"its name {member.name!r} must consist of letters, digits and _, and begin with a letter")
    if member.name in taken:
        raise ValueError(f"the name {member.name} is taken by {taken[member.name].__module__}")
    if not _SHORT_NAME.fullmatch(member.short_name) or len(member.short_name) > _LONGEST_SHORT_NAME:
        raise ValueError(
            f"its short_name {member.short_name!r} must consist of lower case letters and digits, with - between them"
        )
    libraries = getattr(member, "libraries", (distribution,))  # a dataset has none, because it has no document
    if _canonical(distribution) not in map(_canonical, libraries):
        raise ValueError(f"its libraries must name {distribution}, because documents record its version")
    _check_options(member)


def _list_attributes(member: Any, base: type[Any]) -> Iterator[str]:
    """Yield the attributes that the family's base classes declare."""
    for declaring in reversed(base.__mro__):
        for name in vars(declaring).get("__annotations__", {}):
            # a class may declare what it learns by the method `declare` instead
            if name != "learnt" or member.declare is base.declare:
                yield name


def _check_options(member: Any) -> None:
    """Refuse options that the JSON Schema of a plan or the reference cannot show."""
    if not _is_subclass(member.Options, OptionSchema):
        raise TypeError(f"its Options are not a subclass of {OptionSchema.__module__}.{OptionSchema.__name__}")
    for name, option in member.options_by_name().items():
        if not option.description:
            raise ValueError(f"its option {name} has no description")
        if "$defs" in option.schema:
            raise ValueError(f"its option {name} has a type of several parts: list its values with Literal")
        if not option.required:
            option.parse(option.default)


def _is_subclass(member: Any, base: type[Any]) -> bool:
    return inspect.isclass(member) and issubclass(member, base)


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
