"""Class names as they are stored: without surrounding spaces, in Unicode NFC, and safe to print."""

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
ONE_CLASS: Final = "a text has one class: write one row per class, or one class for all"
_BRACKETS = ("[", "{", "(")
_EDGES = re.compile(rf"\A[\s{JOINERS}]+|[\s{JOINERS}]+\Z")
_KINDS: Final[dict[type, str]] = {list: "a list", tuple: "a list", set: "a list", dict: "an object"}


def name_class(spelled: str) -> tuple[str, tuple[str, ...]]:
    """Return the stored name of a class, and why it is not allowed: a reason and its kind, or an empty tuple.

    Two spellings that look alike are one class: surrounding white space is removed, and letters are composed (NFC).
    """
    trimmed = spelled if spelled.isalnum() else _EDGES.sub("", spelled)
    if len(trimmed) > LONGEST_CLASSIFICATION:
        return trimmed, (
            f"has {len(trimmed):,} characters; a class name has at most {LONGEST_CLASSIFICATION:,}",
            "long",
        )
    return _name_trimmed(trimmed)


def find_missing(names: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return the names that are not present in any spelling, sorted; earlier versions stored them as spelled."""
    found = {name_class(name)[0] for name in present}
    return sorted(name for name in set(names) if name_class(name)[0] not in found)


@lru_cache(1024)
def _name_trimmed(trimmed: str) -> tuple[str, tuple[str, ...]]:
    name = unicodedata.normalize("NFC", trimmed)
    for place, character in enumerate(name, 1):
        if is_harmful(character):
            found = f"U+{ord(character):04X} at character {place}"
            return name, (f"contains an invisible character ({found}), which is not allowed in a class name", "unseen")
    if name.startswith(_BRACKETS) and (kind := _find_kind(name)):
        return name, (f"is {kind}; {ONE_CLASS}",)
    return name, ()


def _find_kind(name: str) -> str | None:
    """Return what kind of list or object a name is, as JSON or as Python writes it (pandas does so in CSV files)."""
    try:
        return _KINDS.get(type(json.loads(name)))
    except (ValueError, RecursionError):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parsing may warn about a backslash
        try:
            return _KINDS.get(type(ast.literal_eval(name)))
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None
