"""The name of a class, as it is kept: without the spaces around it, composed, and safe to print."""

import ast
import json
import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pipeline.visible import JOINERS, is_harmful

LONGEST_CLASSIFICATION: Final = 1_000
ONE_CLASS: Final = "a text has one class: make a row of each, or a text of them"
_BRACKETS = ("[", "{", "(")
_EDGES = re.compile(rf"\A[\s{JOINERS}]+|[\s{JOINERS}]+\Z")
_KINDS: Final[dict[type, str]] = {list: "a list", tuple: "a list", set: "a list", dict: "an object"}


def name_class(spelled: str) -> tuple[str, tuple[str, ...]]:
    """Return the name that a file's class is kept under, and why it cannot be one: the reason and its kind, or nothing.

    Two spellings that look alike are one class: white space around a name goes, and letters are composed (NFC).
    """
    trimmed = spelled if spelled.isalnum() else _EDGES.sub("", spelled)
    if len(trimmed) > LONGEST_CLASSIFICATION:
        return trimmed, (f"has {len(trimmed):,} characters, more than a class's name has", "long")
    return _name_trimmed(trimmed)


def find_missing(names: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return, sorted, the class names that are not present in any spelling: earlier versions kept them as they came."""
    found = {name_class(name)[0] for name in present}
    return sorted(name for name in set(names) if name_class(name)[0] not in found)


@lru_cache(1024)
def _name_trimmed(trimmed: str) -> tuple[str, tuple[str, ...]]:
    name = unicodedata.normalize("NFC", trimmed)
    for place, character in enumerate(name, 1):
        if is_harmful(character):
            found = f"U+{ord(character):04X}, its character {place}"
            return name, (f"holds a character that nobody sees ({found}), which a class's name must not", "unseen")
    if name.startswith(_BRACKETS) and (kind := _find_kind(name)):
        return name, (f"is {kind}; {ONE_CLASS}",)
    return name, ()


def _find_kind(name: str) -> str | None:
    """Return what a name is as JSON, or as Python writes it, which is how pandas puts a list into a CSV file."""
    try:
        return _KINDS.get(type(json.loads(name)))
    except (ValueError, RecursionError):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a backslash in it
        try:
            return _KINDS.get(type(ast.literal_eval(name)))
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None
